-- Deletes an agent without active tasks; its row stays, without name and scopes, for the audit log.
-- bind: id, actor, details
WITH a AS MATERIALIZED (
    SELECT id, name FROM public.agent WHERE id = $1::uuid AND name <> 'deleted:' || id FOR UPDATE
), busy AS MATERIALIZED (
    SELECT a.id, a.name, ordctl.active_tasks(a.id) AS tasks FROM a
), gone AS (
    UPDATE public.agent g
       SET name = 'deleted:' || g.id, scopes = '{}', webhook_url = NULL
      FROM busy
     WHERE g.id = busy.id AND busy.tasks = 0
    RETURNING g.id, ordctl.revoke(g.id)
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $2::uuid, 'agent.deleted', busy.id, $3::jsonb || jsonb_build_object('name', busy.name)
      FROM busy JOIN gone ON gone.id = busy.id
)
SELECT jsonb_build_object('tasks', busy.tasks) FROM busy
