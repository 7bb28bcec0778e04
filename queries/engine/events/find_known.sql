-- Which of these events are known, and up to where the stream is processed.
-- bind: ids
SELECT ARRAY(SELECT e.id FROM ordctl.event e WHERE e.id = ANY ($1::uuid[])) AS known, g.stream_start
  FROM ordctl.engine g
