-- may this session act on this database? (one run at a time; the lock ends with the session)
SELECT pg_catalog.pg_try_advisory_lock(x'6f726463746c'::bigint) AS taken
