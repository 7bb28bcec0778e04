-- Events that are not in Redis yet, in commit order within a topic.
--
-- Reads at most a number of events or of bytes, one after the other, so the rest of a long outbox is not read.
WITH RECURSIVE batch (seq, count, bytes) AS (
    (SELECT e.seq, 1, octet_length(e.payload::text)::bigint
       FROM ordctl.event e
      WHERE e.stream_id IS NULL
      ORDER BY e.seq
      LIMIT 1)
     UNION ALL
    SELECT next.seq, b.count + 1, b.bytes + next.bytes
      FROM batch b
     CROSS JOIN LATERAL (
               SELECT e.seq, octet_length(e.payload::text) AS bytes
                 FROM ordctl.event e
                WHERE e.stream_id IS NULL AND e.seq > b.seq
                ORDER BY e.seq
                LIMIT 1) AS next
     WHERE b.count < 200 AND b.bytes < 4194304
)
SELECT e.id, e.topic, e.payload::text AS payload, e.source_agent_id, e.published_by,
       to_char(e.published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS published_at
  FROM batch b
  JOIN ordctl.event e ON e.seq = b.seq AND e.stream_id IS NULL
 ORDER BY e.seq
