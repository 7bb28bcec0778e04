-- Latest events, newest first.
-- bind: owner, count
SELECT e.id AS event_id, e.stream_id, e.topic, e.payload, e.source_agent_id, e.published_by, e.published_at
  FROM ordctl.event e
 WHERE ($1::text = '' OR e.source_agent_id = nullif($1::text, '')::uuid)
 ORDER BY e.published_at DESC, e.id DESC
 LIMIT $2::int
