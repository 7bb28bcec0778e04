-- Agent that an API key belongs to.
-- bind: id, digest
SELECT a.id AS agent, a.name, a.scopes, NULL AS session,
       coalesce(c.last_used_at < now() - interval '1 minute', true) AS stale
  FROM ordctl.credential c
  JOIN public.agent a ON a.id = c.agent_id
 WHERE c.id = $1::uuid AND c.digest = $2::text AND c.kind = 'key'
   AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now())
