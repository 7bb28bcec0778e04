-- Tries to take the retention lock; one node at a time holds it.
-- The key is "ordctl" in ASCII followed by 3.
SELECT pg_catalog.pg_try_advisory_lock(x'6f726463746c0003'::bigint) AS taken
