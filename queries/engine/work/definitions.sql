-- Definitions of these tasks.
-- bind: tasks
SELECT t.id, t.xmin::text::bigint AS version, t.title, t.payload, t.max_retries, t.backoff_strategy
  FROM public.task t
 WHERE t.id = ANY ($1::uuid[])
