-- may this session store samples? (one node at a time; the lock ends with the session)
-- The number is "ordctl" in ASCII followed by 4.
SELECT pg_catalog.pg_try_advisory_lock(x'6f726463746c0004'::bigint) AS taken
