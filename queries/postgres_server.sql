-- Version, role and uptime of the server.
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::int AS version_number,
       pg_is_in_recovery() AS standby,
       EXTRACT(epoch FROM now() - pg_postmaster_start_time())::float8 AS up_seconds
