-- Whether this session holds the migration lock.
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_locks
     WHERE locktype = 'advisory'
       AND pid = pg_catalog.pg_backend_pid()
       AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
       AND (classid::bigint << 32 | objid::bigint) = x'6f726463746c0001'::bigint
       AND objsubid = 1
       AND granted
) AS locked
