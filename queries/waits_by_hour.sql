-- how many runs began in each of the last 24 hours, and how long had they waited? (the row without an hour: in all)
--
-- A run waits from its scheduled instant to its start. What has run is gone from due_work, so its rows
-- tell nothing of waits; a second attempt has waited for its back-off, too, and does not count.
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
