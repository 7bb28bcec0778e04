-- Active tasks with a time schedule.
SELECT t.id, t.title, t.schedule_kind::text AS kind, coalesce(t.schedule_expr, '') AS expr, t.timezone, t.created_at
  FROM public.task t
 WHERE t.status = 'active'
   AND t.schedule_kind IN ('cron', 'rrule', 'once')
 ORDER BY t.created_at, t.id
