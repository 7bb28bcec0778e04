-- Tries to take the lock on probe tasks; one session at a time holds it.
-- The key is "ordctl" in ASCII followed by 5.
SELECT pg_catalog.pg_try_advisory_lock(x'6f726463746c0005'::bigint) AS taken
