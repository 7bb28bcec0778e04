-- Adopted cron tasks whose schedule nobody edited since the adoption.
SELECT t.id, t.title, t.status, coalesce(t.schedule_expr, '') AS expr, t.timezone
  FROM ordctl.adopted_cron a
  JOIN public.task t ON t.id = a.task_id
 WHERE t.schedule_kind = 'cron'
   AND t.status <> 'canceled'
 ORDER BY t.created_at, t.id
