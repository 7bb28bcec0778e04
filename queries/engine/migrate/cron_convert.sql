-- Converts the schedules of adopted cron tasks, unless they were edited since they were listed.
-- bind: conversions, details
--
-- Concurrent calls wait for the task's row; the second finds another expression and leaves it.
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS w (id uuid, was text, kind text, expr text)
), converted AS (
    UPDATE public.task t
       SET schedule_kind = w.kind::public.schedule_kind, schedule_expr = w.expr
      FROM wanted w
      JOIN ordctl.adopted_cron a ON a.task_id = w.id
     WHERE t.id = w.id
       AND t.schedule_kind = 'cron'
       AND t.schedule_expr = w.was
       AND t.status <> 'canceled'
    RETURNING t.id, w.was, w.kind, w.expr
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT (SELECT id FROM public.agent WHERE name = 'system'), 'task.schedule_converted', c.id,
           $2::text::jsonb || jsonb_build_object('from', c.was, 'schedule_kind', c.kind, 'schedule_expr', c.expr)
      FROM converted c
)
SELECT to_jsonb(c.id) FROM converted c
