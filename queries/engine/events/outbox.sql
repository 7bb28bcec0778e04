-- which events are not in Redis yet, in the order of their commits within a topic?
SELECT e.id, e.topic, e.payload::text AS payload, e.source_agent_id, e.published_by,
       to_char(e.published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS published_at
  FROM ordctl.event e
 WHERE e.stream_id IS NULL
 ORDER BY e.seq
 LIMIT 200
