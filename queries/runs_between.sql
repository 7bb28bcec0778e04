-- how did the runs go that began in this stretch of time, and how long did they take?
-- bind: begin, end
SELECT count(*) AS runs,
       count(*) FILTER (WHERE r.success) AS completed,
       count(*) FILTER (WHERE NOT r.success) AS failed,
       count(*) FILTER (WHERE r.success IS NULL) AS unfinished,
       100.0 * count(*) FILTER (WHERE r.success)
           / nullif(count(*) FILTER (WHERE r.success IS NOT NULL), 0) AS success_rate,
       avg(d.seconds)::float8 AS average_seconds,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY d.seconds) AS p50_seconds,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY d.seconds) AS p95_seconds,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY d.seconds) AS p99_seconds,
       max(d.seconds) AS max_seconds
  FROM public.task_run r
 CROSS JOIN LATERAL (SELECT extract(epoch FROM r.finished_at - r.started_at)::float8 AS seconds) AS d
 WHERE r.started_at >= $1::timestamptz
   AND r.started_at < $2::timestamptz
