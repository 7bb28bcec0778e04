-- Tries to take the migration lock.
-- The key is "ordctl" in ASCII followed by 1, in every version.
SELECT pg_catalog.pg_try_advisory_lock(x'6f726463746c0001'::bigint) AS locked
