-- Postpones the queued work and the schedule of a task.
-- bind: id, seconds, actor, details, owner
--
-- Queued work, including that of `once`, moves by the given time. A cron or rrule has no occurrence until then,
-- and a condition is not evaluated.
WITH t AS (
    SELECT id, schedule_kind, schedule_expr, status, make_interval(secs => $2::float8) AS delay
      FROM public.task
     WHERE id = $1::uuid AND ($5::text = '' OR created_by = nullif($5::text, '')::uuid) FOR UPDATE
), moved AS (
    UPDATE public.due_work d
       SET run_at = greatest(d.run_at, now()) + t.delay
      FROM t
     WHERE d.task_id = t.id AND d.lease_token IS NULL AND t.status <> 'canceled'
    RETURNING d.id
), later AS (
    UPDATE public.task o
       SET schedule_expr = to_char((s.next_at + t.delay) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
      FROM t JOIN ordctl.schedule s ON s.task_id = t.id
     WHERE o.id = t.id AND t.schedule_kind = 'once' AND t.status <> 'canceled' AND s.next_at IS NOT NULL
    RETURNING o.id
), quiet AS (
    UPDATE ordctl.schedule s
       SET cursor_at = greatest(s.cursor_at, now() + t.delay), changed = true, changed_at = clock_timestamp()
      FROM t
     WHERE s.task_id = t.id AND t.schedule_kind IN ('cron', 'rrule') AND t.status = 'active'
    RETURNING s.task_id
), unwatched AS (
    INSERT INTO ordctl.condition AS c (task_id, expr, next_at)
    SELECT t.id, coalesce(t.schedule_expr, ''), now() + t.delay
      FROM t
     WHERE t.schedule_kind = 'condition' AND t.status = 'active'
    ON CONFLICT (task_id) DO UPDATE SET next_at = greatest(c.next_at, EXCLUDED.next_at), token = NULL
    RETURNING c.task_id
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $3::uuid, 'task.snoozed', t.id, $4::jsonb FROM t WHERE t.status <> 'canceled'
)
SELECT jsonb_build_object('status', t.status, 'moved', (SELECT count(*) FROM moved),
                          'postponed', EXISTS (SELECT FROM later) OR EXISTS (SELECT FROM quiet)
                                    OR EXISTS (SELECT FROM unwatched))
  FROM t
