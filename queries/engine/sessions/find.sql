-- One session of the server, how many sessions wait for it, and whether this role may end it.
-- bind: pid
SELECT a.pid, a.datname AS database, a.usename AS user, a.application_name AS application, a.backend_type, a.state,
       a.query AS statement,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS transaction_seconds,
       extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS state_seconds,
       extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS statement_seconds,
       -- In microseconds: a text would depend on the settings of the session.
       (extract(epoch FROM a.backend_start) * 1000000)::bigint AS started,
       (extract(epoch FROM a.xact_start) * 1000000)::bigint AS transaction,
       a.leader_pid,
       (SELECT count(*)
          FROM pg_catalog.pg_stat_activity w
         WHERE w.wait_event_type = 'Lock' AND a.pid = ANY (pg_catalog.pg_blocking_pids(w.pid))) AS blocks,
       own.rolsuper
         OR NOT coalesce(target.rolsuper, true)
            AND (pg_catalog.pg_has_role(a.usesysid, 'MEMBER') OR pg_catalog.pg_has_role('pg_signal_backend', 'MEMBER')) AS may_signal,
       own.rolname AS role
  FROM pg_catalog.pg_stat_activity a
  JOIN pg_catalog.pg_roles own ON own.rolname = current_user
  LEFT JOIN pg_catalog.pg_roles target ON target.oid = a.usesysid
 WHERE a.pid = $1::text::int
