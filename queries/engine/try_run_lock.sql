-- Tries to take the lock for acting runs; one session per database holds it.
SELECT pg_catalog.pg_try_advisory_lock(x'6f726463746c'::bigint) AS taken
