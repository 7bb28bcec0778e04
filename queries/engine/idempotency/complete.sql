-- Stores the answer of an idempotency key.
-- bind: agent, key, answer
UPDATE ordctl.idempotency SET answer = $3::jsonb WHERE agent_id = $1::uuid AND key = $2::text
