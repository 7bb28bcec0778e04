-- who bears a token of this session?
-- bind: session
SELECT a.id AS agent, a.name, a.scopes, s.id AS session, false AS stale
  FROM ordctl.session s
  JOIN public.agent a ON a.id = s.agent_id
 WHERE s.id = $1::uuid AND s.revoked_at IS NULL AND s.expires_at > now()
