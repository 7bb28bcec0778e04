-- Longest wait of the runs that started in the last seconds.
-- bind: seconds
--
-- Only first attempts count: a retry also waits for its backoff.
SELECT greatest(max(extract(epoch FROM r.started_at - r.scheduled_at)), 0)::float8 AS seconds
  FROM public.task_run r
 WHERE r.started_at > now() - make_interval(secs => $1::float8) AND r.attempt = 1
