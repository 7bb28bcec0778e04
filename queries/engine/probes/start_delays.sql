-- Start delay of each probe task.
-- bind: ids
SELECT extract(epoch FROM clock_timestamp() - t.schedule_expr::timestamptz)::float8 AS overdue,
       extract(epoch FROM min(r.started_at) - t.schedule_expr::timestamptz)::float8 AS seconds
  FROM public.task t
  LEFT JOIN public.task_run r ON r.task_id = t.id
 WHERE t.id = ANY ($1::uuid[])
 GROUP BY t.id, t.schedule_expr
