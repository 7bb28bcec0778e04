-- Finished runs past an age.
-- bind: seconds
SELECT count(*) AS due
  FROM public.task_run r
 WHERE r.started_at < now() - make_interval(secs => $1::float8)
   AND r.finished_at IS NOT NULL
   AND NOT EXISTS (SELECT FROM public.due_work d WHERE d.occurrence = r.occurrence)
