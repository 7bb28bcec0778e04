-- Process ID of the backend that serves this session.
SELECT pg_catalog.pg_backend_pid() AS pid
