-- Deletes the oldest finished runs past an age.
-- bind: seconds, limit
--
-- Attempts of an occurrence that is queued or running stay at any age.
WITH old AS MATERIALIZED (
    SELECT r.id
      FROM public.task_run r
     WHERE r.started_at < now() - make_interval(secs => $1::float8)
       AND r.finished_at IS NOT NULL
       AND NOT EXISTS (SELECT FROM public.due_work d WHERE d.occurrence = r.occurrence)
     ORDER BY r.started_at
     LIMIT $2::int
)
DELETE FROM public.task_run r USING old WHERE r.id = old.id
