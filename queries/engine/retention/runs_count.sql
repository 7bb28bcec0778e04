-- Runs past an age that are over.
-- bind: seconds
--
-- The conditions are those of `runs`.
SELECT count(*) AS due
  FROM public.task_run r
 WHERE (r.started_at < now() - make_interval(secs => $1::float8)
        OR (r.started_at IS NULL AND r.created_at < now() - make_interval(secs => $1::float8)))
   AND (r.finished_at IS NOT NULL
        OR ((r.leased_until IS NULL OR r.leased_until < now())
            AND NOT EXISTS (SELECT FROM public.due_work d
                             WHERE d.task_id = r.task_id AND d.locked_by = r.lease_owner AND d.locked_until >= now())))
   AND NOT EXISTS (SELECT FROM public.due_work d WHERE d.occurrence = r.occurrence)
