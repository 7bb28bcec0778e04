-- Outcomes of the runs of the last days, of one task or of all.
-- bind: task, days, owner
SELECT count(*) AS total, count(*) FILTER (WHERE r.success) AS successful, count(*) FILTER (WHERE NOT r.success) AS failed,
       count(*) FILTER (WHERE NOT r.success AND r.final IS NOT FALSE) AS failed_for_good,
       round(100.0 * count(*) FILTER (WHERE r.success) / nullif(count(*) FILTER (WHERE r.success IS NOT NULL), 0), 2)::float8
           AS success_rate,
       avg(d.seconds)::float8 AS avg_duration_seconds, min(d.seconds)::float8 AS min_duration_seconds,
       max(d.seconds)::float8 AS max_duration_seconds,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY d.seconds) AS p95_duration_seconds
  FROM public.task_run r
 CROSS JOIN LATERAL (SELECT extract(epoch FROM r.finished_at - r.started_at)::float8 AS seconds) AS d
 WHERE r.started_at > now() - make_interval(days => $2::int)
   AND ($1::text = '' OR r.task_id = nullif($1::text, '')::uuid)
   AND ($3::text = '' OR r.task_id IN (SELECT t.id FROM public.task t WHERE t.created_by = nullif($3::text, '')::uuid))
