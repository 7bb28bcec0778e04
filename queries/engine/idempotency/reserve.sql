-- Reserves an idempotency key; a concurrent request waits and gets no row.
-- bind: agent, key, request
INSERT INTO ordctl.idempotency AS i (agent_id, key, request)
VALUES ($1::uuid, $2::text, $3::text)
ON CONFLICT (agent_id, key) DO UPDATE SET request = EXCLUDED.request, answer = NULL, at = now()
 WHERE i.at < now() - interval '24 hours'
RETURNING 1
