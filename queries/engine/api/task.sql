-- A task.
-- bind: id, owner
SELECT t.id, t.title, t.description, t.created_by, t.schedule_kind, t.schedule_expr, t.timezone, t.payload, t.status,
       t.priority, t.dedupe_key, t.dedupe_window_seconds, t.max_retries, t.backoff_strategy, t.concurrency_key,
       t.catch_up, t.created_at
  FROM public.task t
 WHERE t.id = $1::uuid AND ($2::text = '' OR t.created_by = nullif($2::text, '')::uuid)
