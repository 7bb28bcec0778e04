-- how long had the runs that began in the last so many seconds waited at most?
-- bind: seconds
--
-- A second attempt has waited for its back-off, too, and does not count.
SELECT greatest(max(extract(epoch FROM r.started_at - r.scheduled_at)), 0)::float8 AS seconds
  FROM public.task_run r
 WHERE r.started_at > now() - make_interval(secs => $1::float8) AND r.attempt = 1
