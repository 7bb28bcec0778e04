-- queues one occurrence of an active task, unless its dedupe key says that there was one just now
-- bind: task, occurrence, delay, event
--
-- The lock on the task makes a pause wait for us, or us for the pause: whichever is second sees
-- the first.
WITH t AS (
    SELECT id, created_by, priority, concurrency_key, dedupe_key, dedupe_window_seconds
      FROM public.task
     WHERE id = $1::uuid AND status = 'active'
       FOR SHARE
), fresh AS (
    INSERT INTO ordctl.dedupe AS d (created_by, key, queued_at)
    SELECT created_by, dedupe_key, now() FROM t WHERE dedupe_key IS NOT NULL AND dedupe_window_seconds > 0
    ON CONFLICT (created_by, key) DO UPDATE SET queued_at = now()
     WHERE d.queued_at <= now() - make_interval(secs => (SELECT dedupe_window_seconds FROM t))
    RETURNING 1
), queued AS (
    INSERT INTO public.due_work (task_id, run_at, scheduled_at, occurrence, priority, concurrency_key, event)
    SELECT id, now() + make_interval(secs => $3::float8), now() + make_interval(secs => $3::float8),
           $2::uuid, priority, concurrency_key, $4::jsonb
      FROM t
     WHERE dedupe_key IS NULL OR dedupe_window_seconds = 0 OR EXISTS (SELECT FROM fresh)
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT EXISTS (SELECT FROM t) AS active, (SELECT id FROM queued) AS due_work_id
