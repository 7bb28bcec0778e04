-- Records the result of a condition and queues its task when it fires, atomically.
-- bind: task, token, next_at, since, fired, value, error, checked_at, occurrence, event
--
-- Without the token (the claim expired or the task was edited), or for a task paused meanwhile, nothing happens.
-- Without an occurrence nothing is queued. The row lock on the task serializes this with a pause.
WITH t AS MATERIALIZED (
    SELECT id, coalesce(schedule_expr, '') AS expr, created_by, priority, concurrency_key, dedupe_key,
           dedupe_window_seconds
      FROM public.task
     WHERE id = $1::uuid AND schedule_kind = 'condition' AND status = 'active'
       FOR SHARE
), written AS (
    UPDATE ordctl.condition c
       SET token = NULL, next_at = $3::timestamptz, since = $4::timestamptz, fired = $5::bool,
           value = coalesce($6::jsonb, c.value), error = $7::text, checked_at = $8::timestamptz
      FROM t
     WHERE c.task_id = t.id AND c.token = $2::uuid AND c.expr = t.expr
    RETURNING c.task_id
), firing AS (
    SELECT t.* FROM t JOIN written w ON w.task_id = t.id WHERE $9::uuid IS NOT NULL
), fresh AS (
    INSERT INTO ordctl.dedupe AS d (created_by, key, queued_at)
    SELECT created_by, dedupe_key, now()
      FROM firing
     WHERE dedupe_key IS NOT NULL AND dedupe_window_seconds > 0
    ON CONFLICT (created_by, key) DO UPDATE SET queued_at = now()
     WHERE d.queued_at <= now() - make_interval(secs => (SELECT dedupe_window_seconds FROM firing))
    RETURNING 1
), queued AS (
    INSERT INTO public.due_work (task_id, run_at, scheduled_at, occurrence, priority, concurrency_key, event)
    SELECT id, now(), now(), $9::uuid, priority, concurrency_key, $10::jsonb
      FROM firing
     WHERE dedupe_key IS NULL OR dedupe_window_seconds = 0 OR EXISTS (SELECT FROM fresh)
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT (SELECT count(*) FROM written) AS written, (SELECT count(*) FROM queued) AS queued
