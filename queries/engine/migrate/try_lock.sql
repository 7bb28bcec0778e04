-- takes the lock of whoever migrates this database, if it is free
-- The number is "ordctl" in ASCII followed by 1; it is the same in every version.
SELECT pg_catalog.pg_try_advisory_lock(x'6f726463746c0001'::bigint) AS locked
