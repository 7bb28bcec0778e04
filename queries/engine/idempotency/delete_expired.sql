-- Deletes a batch of idempotency keys older than a day and of sessions that ended a week ago.
WITH keys AS (
    DELETE FROM ordctl.idempotency
     WHERE (agent_id, key) IN (SELECT agent_id, key FROM ordctl.idempotency
                                WHERE at < now() - interval '24 hours' ORDER BY at LIMIT 1000 FOR UPDATE SKIP LOCKED)
    RETURNING 1
), sessions AS (
    DELETE FROM ordctl.session
     WHERE id IN (SELECT id FROM ordctl.session
                   WHERE expires_at < now() - interval '7 days' ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
    RETURNING 1
)
SELECT (SELECT count(*) FROM keys) + (SELECT count(*) FROM sessions) AS forgotten
