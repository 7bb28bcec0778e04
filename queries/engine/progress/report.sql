-- Records the progress of a node's loops and deletes the rows of nodes that are gone.
-- bind: node, loops
WITH gone AS (
    DELETE FROM ordctl.loop_progress WHERE reported_at < now() - interval '1 hour'
)
INSERT INTO ordctl.loop_progress AS p (node, loop, is_ok, succeeded_at, error, reported_at)
SELECT $1::text, l.loop, l.is_ok, now() - make_interval(secs => l.age_seconds), l.error, now()
  FROM jsonb_to_recordset($2::text::jsonb) AS l (loop text, is_ok bool, age_seconds float8, error text)
ON CONFLICT (node, loop) DO UPDATE
   SET is_ok = EXCLUDED.is_ok, succeeded_at = EXCLUDED.succeeded_at, error = EXCLUDED.error,
       reported_at = EXCLUDED.reported_at
