-- Secrets of an agent.
-- bind: agent
SELECT c.id, c.digest, a.scopes
  FROM ordctl.credential c
  JOIN public.agent a ON a.id = c.agent_id
 WHERE c.agent_id = $1::uuid AND c.kind = 'secret'
   AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now())
