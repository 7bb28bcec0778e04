-- which of these events did a relay note as sent?
-- bind: ids
--
-- What came by the stream bears its place from the start, and says nothing of the relay.
SELECT e.id
  FROM ordctl.event e
 WHERE e.id = ANY ($1::uuid[]) AND e.stream_id IS NOT NULL AND e.published_by IS DISTINCT FROM 'stream'
