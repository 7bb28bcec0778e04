-- Runs and their waits by hour over the last 24 hours; the row without an hour is the total.
--
-- A run waits from its scheduled time to its start. due_work has no rows of past runs, and a retry also waits for
-- its backoff, so only first attempts in task_run count.
SELECT h.hour AS at, count(r.id) AS runs, count(w.seconds) AS waited,
       avg(w.seconds) AS average_seconds, max(w.seconds) AS max_seconds,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY w.seconds) AS p95_seconds
  FROM generate_series(date_trunc('hour', now()) - interval '23 hours', date_trunc('hour', now()),
                       interval '1 hour') AS h (hour)
  LEFT JOIN public.task_run r
         ON r.started_at >= h.hour AND r.started_at < h.hour + interval '1 hour'
  LEFT JOIN LATERAL (SELECT greatest(extract(epoch FROM r.started_at - r.scheduled_at), 0)::float8 AS seconds
                      WHERE r.attempt = 1) AS w ON true
 GROUP BY GROUPING SETS ((h.hour), ())
 ORDER BY h.hour NULLS LAST
