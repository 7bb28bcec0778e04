-- Releases the migration lock.
SELECT pg_catalog.pg_advisory_unlock(x'6f726463746c0001'::bigint) AS unlocked
