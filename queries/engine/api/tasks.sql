-- which tasks are there, newest first?
-- bind: status, created_by, kind, limit, offset
SELECT t.id, t.title, t.description, t.created_by, t.schedule_kind, t.schedule_expr, t.timezone, t.payload, t.status,
       t.priority, t.dedupe_key, t.dedupe_window_seconds, t.max_retries, t.backoff_strategy, t.concurrency_key,
       t.catch_up, t.created_at
  FROM public.task t
 WHERE ($1::text = '' OR t.status = $1::text)
   AND ($2::text = '' OR t.created_by = nullif($2::text, '')::uuid)
   AND ($3::text = '' OR t.schedule_kind::text = $3::text)
 ORDER BY t.created_at DESC, t.id
 LIMIT $4::int OFFSET $5::int
