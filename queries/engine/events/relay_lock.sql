-- takes the lock of the only relay, if nobody has it
SELECT pg_try_advisory_lock(x'6f726463746c0002'::bigint) AS taken
