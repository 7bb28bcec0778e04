-- takes a refresh token for a new one; one that was taken before ends the session, for somebody has a copy
-- bind: id, old, new, seconds
WITH s AS (
    SELECT s.id, s.agent_id, s.refresh = $2::text AS good
      FROM ordctl.session s
     WHERE s.id = $1::uuid AND s.revoked_at IS NULL AND s.expires_at > now()
       FOR UPDATE
), refreshed AS (
    UPDATE ordctl.session o
       SET refresh = CASE WHEN s.good THEN $3::text ELSE o.refresh END,
           refreshed_at = now(),
           expires_at = CASE WHEN s.good THEN now() + make_interval(secs => $4::float8) ELSE o.expires_at END,
           revoked_at = CASE WHEN s.good THEN NULL ELSE now() END
      FROM s
     WHERE o.id = s.id
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT s.agent_id, 'agent.refresh_token_reused', s.agent_id, jsonb_build_object('session', s.id) FROM s WHERE NOT s.good
)
SELECT jsonb_build_object('agent', a.id, 'scopes', a.scopes, 'good', s.good) FROM s JOIN public.agent a ON a.id = s.agent_id
