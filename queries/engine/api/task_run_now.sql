-- Queues an occurrence of an active task now, unless its dedupe key forbids it.
-- bind: id, occurrence, event, actor, details, owner
--
-- The row lock on the task serializes this with a pause.
WITH t AS (
    SELECT id, status, created_by, priority, concurrency_key, dedupe_key, dedupe_window_seconds
      FROM public.task
     WHERE id = $1::uuid AND ($6::text = '' OR created_by = nullif($6::text, '')::uuid)
       FOR SHARE
), fresh AS (
    INSERT INTO ordctl.dedupe AS d (created_by, key, queued_at)
    SELECT created_by, dedupe_key, now()
      FROM t
     WHERE status = 'active' AND dedupe_key IS NOT NULL AND dedupe_window_seconds > 0
    ON CONFLICT (created_by, key) DO UPDATE SET queued_at = now()
     WHERE d.queued_at <= now() - make_interval(secs => (SELECT dedupe_window_seconds FROM t))
    RETURNING 1
), queued AS (
    INSERT INTO public.due_work (task_id, run_at, scheduled_at, occurrence, priority, concurrency_key, event)
    SELECT id, now(), now(), $2::uuid, priority, concurrency_key, nullif($3::text, '')::jsonb
      FROM t
     WHERE status = 'active'
       AND (dedupe_key IS NULL OR dedupe_window_seconds = 0 OR EXISTS (SELECT FROM fresh))
    RETURNING id
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $4::uuid, 'task.run_now', t.id, $5::jsonb FROM t WHERE EXISTS (SELECT FROM queued)
)
SELECT jsonb_build_object('status', t.status, 'occurrence', $2::uuid, 'due_work_id', (SELECT id FROM queued)) FROM t
