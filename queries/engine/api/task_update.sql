-- Updates fields of a task.
-- bind: id, fields, cursor, actor, details, owner
--
-- When a `once` moves to a time just past, its cursor is set back, or it would count as done.
WITH changed AS (
    UPDATE public.task t
       SET (title, description, created_by, schedule_kind, schedule_expr, timezone, payload, priority, dedupe_key,
            dedupe_window_seconds, max_retries, backoff_strategy, concurrency_key, catch_up)
         = (SELECT x.title, x.description, x.created_by, x.schedule_kind, x.schedule_expr, x.timezone, x.payload, x.priority,
                   x.dedupe_key, x.dedupe_window_seconds, x.max_retries, x.backoff_strategy, x.concurrency_key,
                   x.catch_up
              FROM jsonb_populate_record(t, $2::jsonb) AS x)
     WHERE t.id = $1::uuid AND ($6::text = '' OR t.created_by = nullif($6::text, '')::uuid)
    RETURNING t.*
), cursor AS (
    UPDATE ordctl.schedule s
       SET cursor_at = least(s.cursor_at, nullif($3::text, '')::timestamptz), changed = true, changed_at = clock_timestamp()
      FROM changed
     WHERE s.task_id = changed.id AND $3::text <> ''
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $4::uuid, 'task.updated', id, $5::jsonb FROM changed
)
SELECT to_jsonb(changed) FROM changed
