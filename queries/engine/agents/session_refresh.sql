-- Replaces a refresh token; a reused token ends the session, because it was copied.
-- bind: id, old, new, seconds, details, access, access_seconds
WITH s AS (
    SELECT s.id, s.agent_id, s.refresh = $2::text AS good, $2::text = ANY (s.used) AS reused
      FROM ordctl.session s
      JOIN ordctl.credential c ON c.id = s.credential_id
     WHERE s.id = $1::uuid AND s.revoked_at IS NULL AND s.expires_at > now()
       AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now())
       FOR UPDATE OF s
), refreshed AS (
    UPDATE ordctl.session o
       SET refresh = CASE WHEN s.good THEN $3::text ELSE o.refresh END,
           used = CASE WHEN s.good THEN (array_prepend(o.refresh, o.used))[1:100] ELSE o.used END,
           access = CASE WHEN s.good THEN $6::text ELSE o.access END,
           access_expires_at = CASE WHEN s.good THEN now() + make_interval(secs => $7::float8) ELSE o.access_expires_at END,
           refreshed_at = CASE WHEN s.good THEN now() ELSE o.refreshed_at END,
           expires_at = CASE WHEN s.good THEN now() + make_interval(secs => $4::float8) ELSE o.expires_at END,
           revoked_at = CASE WHEN s.reused THEN now() END
      FROM s
     WHERE o.id = s.id AND (s.good OR s.reused)
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT s.agent_id, CASE WHEN s.good THEN 'agent.session_refreshed' ELSE 'agent.refresh_token_reused' END, s.agent_id,
           $5::jsonb || jsonb_build_object('session', s.id)
      FROM s
     WHERE s.good OR s.reused
)
SELECT jsonb_build_object('agent', a.id, 'scopes', a.scopes, 'good', s.good, 'reused', s.reused)
  FROM s JOIN public.agent a ON a.id = s.agent_id
