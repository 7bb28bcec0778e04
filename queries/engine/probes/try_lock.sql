-- may this session make and remove probe tasks? (one at a time; the lock ends with the session)
-- The number is "ordctl" in ASCII followed by 5.
SELECT pg_catalog.pg_try_advisory_lock(x'6f726463746c0005'::bigint) AS taken
