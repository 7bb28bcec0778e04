-- may this session delete what is old? (one node at a time; the lock ends with the session)
-- The number is "ordctl" in ASCII followed by 3.
SELECT pg_catalog.pg_try_advisory_lock(x'6f726463746c0003'::bigint) AS taken
