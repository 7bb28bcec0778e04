-- deletes an agent that has no active task; its row stays, without name and rights, for the audit log's sake
-- bind: id, actor, details
WITH a AS (
    SELECT id, name FROM public.agent WHERE id = $1::uuid AND name <> 'deleted:' || id FOR UPDATE
), busy AS (
    SELECT count(*) AS tasks FROM public.task t WHERE t.created_by = $1::uuid AND t.status = 'active'
), gone AS (
    UPDATE public.agent g
       SET name = 'deleted:' || g.id, scopes = '{}', webhook_url = NULL
      FROM a, busy
     WHERE g.id = a.id AND busy.tasks = 0
    RETURNING g.id
), credentials AS (
    UPDATE ordctl.credential c SET revoked_at = now() FROM gone WHERE c.agent_id = gone.id AND c.revoked_at IS NULL
), sessions AS (
    UPDATE ordctl.session s SET revoked_at = now() FROM gone WHERE s.agent_id = gone.id AND s.revoked_at IS NULL
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $2::uuid, 'agent.deleted', a.id, $3::jsonb || jsonb_build_object('name', a.name) FROM a JOIN gone ON gone.id = a.id
)
SELECT jsonb_build_object('tasks', busy.tasks) FROM a, busy
