-- Digest and answer of the request with an idempotency key.
-- bind: agent, key
SELECT jsonb_build_object('request', i.request, 'answer', i.answer)
  FROM ordctl.idempotency i
 WHERE i.agent_id = $1::uuid AND i.key = $2::text AND i.at >= now() - interval '24 hours'
