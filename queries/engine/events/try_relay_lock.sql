-- Tries to take the lock of the relay.
SELECT pg_try_advisory_lock(x'6f726463746c0002'::bigint) AS taken
