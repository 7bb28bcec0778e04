-- Ends a session.
-- bind: id, agent, details
WITH ended AS (
    UPDATE ordctl.session SET revoked_at = now()
     WHERE id = $1::uuid AND agent_id = $2::uuid AND revoked_at IS NULL
    RETURNING id, agent_id
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT agent_id, 'agent.session_revoked', agent_id, $3::jsonb || jsonb_build_object('session', id) FROM ended
)
SELECT jsonb_build_object('ended', EXISTS (SELECT FROM ended))
