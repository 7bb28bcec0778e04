-- Tries to take the sampling lock; one node at a time holds it.
-- The key is "ordctl" in ASCII followed by 4.
SELECT pg_catalog.pg_try_advisory_lock(x'6f726463746c0004'::bigint) AS taken
