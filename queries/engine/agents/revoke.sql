-- ends all credentials and sessions of an agent
-- bind: agent, actor, details
WITH credentials AS (
    UPDATE ordctl.credential SET revoked_at = now() WHERE agent_id = $1::uuid AND revoked_at IS NULL RETURNING id
), sessions AS (
    UPDATE ordctl.session SET revoked_at = now() WHERE agent_id = $1::uuid AND revoked_at IS NULL RETURNING id
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    VALUES ($2::uuid, 'agent.revoked', $1::uuid, $3::jsonb)
)
SELECT jsonb_build_object('credentials', (SELECT count(*) FROM credentials), 'sessions', (SELECT count(*) FROM sessions))
