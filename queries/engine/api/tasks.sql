-- Tasks, newest first.
-- bind: status, created_by, kind, owner, limit, offset, after_at, after_id
SELECT t.id, t.title, t.description, t.created_by, t.schedule_kind, t.schedule_expr, t.timezone, t.payload, t.status,
       t.priority, t.dedupe_key, t.dedupe_window_seconds, t.max_retries, t.backoff_strategy, t.concurrency_key,
       t.catch_up, t.created_at
  FROM public.task t
 WHERE ($1::text = '' OR t.status = $1::text)
   AND ($2::text = '' OR t.created_by = nullif($2::text, '')::uuid)
   AND ($3::text = '' OR t.schedule_kind::text = $3::text)
   AND ($4::text = '' OR t.created_by = nullif($4::text, '')::uuid)
   AND ($7::text = '' OR (t.created_at, t.id) < (nullif($7::text, '')::timestamptz, nullif($8::text, '')::uuid))
 ORDER BY t.created_at DESC, t.id DESC
 LIMIT $5::int OFFSET $6::int
