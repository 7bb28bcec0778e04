-- Revokes all credentials and sessions of an agent.
-- bind: agent, actor, details
--
-- The row lock keeps out concurrent credentials; those created while this statement waited for it are revoked too.
WITH a AS MATERIALIZED (
    SELECT id FROM public.agent WHERE id = $1::uuid FOR UPDATE
), done AS MATERIALIZED (
    SELECT ordctl.revoke(a.id) AS counts FROM a
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $2::uuid, 'agent.revoked', $1::uuid, $3::jsonb || counts FROM done
)
SELECT counts FROM done
