-- The tasks with the most due and running work, how old it is, and how long their runs usually take.
-- bind: limit
--
-- Parked work is not due. The usual duration is the median of at most 1,000 successful runs of the last day.
WITH busiest AS (
    SELECT d.task_id,
           count(*) FILTER (WHERE d.waits) AS due,
           count(*) FILTER (WHERE NOT d.waits) AS running,
           min(d.run_at) FILTER (WHERE d.waits) AS oldest_due,
           min(d.leased_at) FILTER (WHERE NOT d.waits) AS first_start
      FROM (SELECT x.task_id, x.run_at, x.leased_at, x.locked_until IS NULL OR x.locked_until < now() AS waits
              FROM public.due_work x
             WHERE x.run_at <= now()
               AND (x.locked_until >= now() OR x.parked IS NULL OR x.parked NOT IN ('key', 'task'))) AS d
     GROUP BY d.task_id
     ORDER BY count(*) DESC, d.task_id
     LIMIT $1::int
)
SELECT b.task_id, t.title, b.due, b.running,
       extract(epoch FROM now() - b.oldest_due)::float8 AS oldest_due_seconds,
       extract(epoch FROM now() - b.first_start)::float8 AS longest_run_seconds,
       u.seconds AS usual_seconds
  FROM busiest b
  JOIN public.task t ON t.id = b.task_id
  LEFT JOIN LATERAL (
        SELECT (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.finished_at - r.started_at)))::float8
                   AS seconds
          FROM (SELECT x.started_at, x.finished_at
                  FROM public.task_run x
                 WHERE x.task_id = b.task_id AND x.success AND x.started_at > now() - interval '1 day'
                 ORDER BY x.started_at DESC
                 LIMIT 1000) AS r) AS u ON true
 ORDER BY b.due + b.running DESC, b.task_id
