-- which of these events are known, and up to where is the stream dealt with?
-- bind: ids
SELECT ARRAY(SELECT e.id FROM ordctl.event e WHERE e.id = ANY ($1::uuid[])) AS known, g.stream_start
  FROM ordctl.engine g
