-- deletes runs that are over and began long ago, the oldest first
-- bind: seconds, limit
--
-- The attempts of an occurrence that waits or runs stay, however old they are.
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
