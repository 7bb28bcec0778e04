-- Updates fields of a task, unless its new `once` is too far in the past by the database's clock.
-- bind: id, fields, once, grace, actor, details, owner
--
-- The cursor goes back before a new `once`, or a scheduler that has just passed the instant would count it as done.
WITH judged AS MATERIALIZED (
    SELECT t.id, nullif($3::text, '')::timestamptz <= now() - make_interval(secs => $4::text::float8) IS TRUE AS is_late
      FROM public.task t
     WHERE t.id = $1::uuid AND ($7::text = '' OR t.created_by = nullif($7::text, '')::uuid)
), changed AS (
    UPDATE public.task t
       SET (title, description, created_by, schedule_kind, schedule_expr, timezone, payload, priority, dedupe_key,
            dedupe_window_seconds, max_retries, backoff_strategy, concurrency_key, catch_up)
         = (SELECT x.title, x.description, x.created_by, x.schedule_kind, x.schedule_expr, x.timezone, x.payload, x.priority,
                   x.dedupe_key, x.dedupe_window_seconds, x.max_retries, x.backoff_strategy, x.concurrency_key,
                   x.catch_up
              FROM jsonb_populate_record(t, $2::jsonb) AS x)
      FROM judged j
     WHERE t.id = j.id AND NOT j.is_late AND ($7::text = '' OR t.created_by = nullif($7::text, '')::uuid)
    RETURNING t.*
), cursor AS (
    UPDATE ordctl.schedule s
       SET cursor_at = least(s.cursor_at, nullif($3::text, '')::timestamptz - interval '1 microsecond'),
           changed = true, changed_at = clock_timestamp()
      FROM changed
     WHERE s.task_id = changed.id AND $3::text <> ''
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $5::uuid, 'task.updated', id, $6::jsonb FROM changed
)
SELECT to_jsonb(changed) FROM changed
 UNION ALL
SELECT jsonb_build_object('too_late_at', now()) FROM judged WHERE is_late
