-- Outcomes and durations of the runs that started in a period.
-- bind: begin, end
--
-- A retried occurrence has one run per attempt; only the final one counts. Where task_run has no column `final`,
-- the name resolves to that of `otherwise`, and every run counts.
SELECT count(*) FILTER (WHERE r.is_final) AS runs,
       count(*) FILTER (WHERE r.is_final AND r.success) AS completed,
       count(*) FILTER (WHERE r.is_final AND NOT r.success) AS failed,
       count(*) FILTER (WHERE r.is_final AND r.success IS NULL) AS unfinished,
       count(*) FILTER (WHERE NOT r.is_final) AS retried,
       100.0 * count(*) FILTER (WHERE r.is_final AND r.success)
           / nullif(count(*) FILTER (WHERE r.is_final AND r.success IS NOT NULL), 0) AS success_rate,
       avg(r.seconds) FILTER (WHERE r.is_final) AS average_seconds,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.seconds) FILTER (WHERE r.is_final) AS p50_seconds,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY r.seconds) FILTER (WHERE r.is_final) AS p95_seconds,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY r.seconds) FILTER (WHERE r.is_final) AS p99_seconds,
       max(r.seconds) FILTER (WHERE r.is_final) AS max_seconds
  FROM (SELECT NULL::bool AS final) AS otherwise,
       LATERAL (SELECT a.success, final IS NOT FALSE AS is_final,
                       extract(epoch FROM a.finished_at - a.started_at)::float8 AS seconds
                  FROM public.task_run a
                 WHERE a.started_at >= $1::timestamptz
                   AND a.started_at < $2::timestamptz) AS r
