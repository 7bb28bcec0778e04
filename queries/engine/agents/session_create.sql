-- Creates a session for an authenticated agent.
-- bind: id, agent, refresh, seconds, credential, details, access, access_seconds
WITH made AS (
    INSERT INTO ordctl.session (id, agent_id, credential_id, refresh, expires_at, access, access_expires_at)
    VALUES ($1::uuid, $2::uuid, $5::uuid, $3::text, now() + make_interval(secs => $4::float8),
            $7::text, now() + make_interval(secs => $8::float8))
    RETURNING id, agent_id
), used AS (
    UPDATE ordctl.credential SET last_used_at = now() WHERE id = $5::uuid
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT agent_id, 'agent.session_opened', agent_id, $6::jsonb || jsonb_build_object('session', id) FROM made
)
SELECT to_jsonb(made) FROM made
