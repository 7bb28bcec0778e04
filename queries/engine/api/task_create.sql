-- Creates a task, unless its `once` is too far in the past by the database's clock.
-- bind: task, actor, details, once, grace
--
-- now() is also the cursor that the trigger gives the new schedule: what passes here, the scheduler finds.
WITH judged AS MATERIALIZED (
    SELECT nullif($4::text, '')::timestamptz <= now() - make_interval(secs => $5::text::float8) IS TRUE AS is_late
), made AS (
    INSERT INTO public.task (title, description, created_by, schedule_kind, schedule_expr, timezone, payload, priority,
                             dedupe_key, dedupe_window_seconds, max_retries, backoff_strategy, concurrency_key, catch_up)
    SELECT x.title, x.description, x.created_by, x.schedule_kind, x.schedule_expr, x.timezone, x.payload, x.priority,
           x.dedupe_key, x.dedupe_window_seconds, x.max_retries, x.backoff_strategy, x.concurrency_key, x.catch_up
      FROM jsonb_populate_record(NULL::public.task, $1::jsonb) AS x
     WHERE NOT (SELECT is_late FROM judged)
    RETURNING *
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $2::uuid, 'task.created', id, $3::jsonb FROM made
)
SELECT to_jsonb(made) FROM made
 UNION ALL
SELECT jsonb_build_object('too_late_at', now()) FROM judged WHERE is_late
