-- Which of these events a relay recorded as sent.
-- bind: ids
--
-- Events that came from the stream have their position from the start and do not count.
SELECT e.id
  FROM ordctl.event e
 WHERE e.id = ANY ($1::uuid[]) AND e.stream_id IS NOT NULL AND e.published_by IS DISTINCT FROM 'stream'
