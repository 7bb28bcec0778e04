-- Agent that a session belongs to.
-- bind: session, digest
--
-- A session ends when the secret that created it does.
SELECT a.id AS agent, a.name, a.scopes, s.id AS session, false AS stale
  FROM ordctl.session s
  JOIN ordctl.credential c ON c.id = s.credential_id
  JOIN public.agent a ON a.id = s.agent_id
 WHERE s.id = $1::uuid AND s.access = $2::text AND s.access_expires_at > now()
   AND s.revoked_at IS NULL AND s.expires_at > now()
   AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now())
