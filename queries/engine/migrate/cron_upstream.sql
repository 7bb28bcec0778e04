-- Cron tasks of a database that Ordinaut created and ordctl did not adopt yet.
SELECT t.id, t.title, t.status, coalesce(t.schedule_expr, '') AS expr, t.timezone
  FROM public.task t
 WHERE t.schedule_kind = 'cron'
   AND t.status <> 'canceled'
 ORDER BY t.created_at, t.id
