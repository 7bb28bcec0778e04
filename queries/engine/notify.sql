-- tells all nodes of a change that is committed
-- bind: channel, payload
SELECT pg_notify($1::text, $2::text)
