-- Sessions of this database that wait for a lock, and the sessions that block them.
WITH waiting AS MATERIALIZED (
    SELECT a.pid, pg_catalog.pg_blocking_pids(a.pid) AS blocked_by
      FROM pg_catalog.pg_stat_activity a
     WHERE a.wait_event_type = 'Lock' AND a.datname = pg_catalog.current_database()
), wanted AS MATERIALIZED (
    SELECT l.pid, min(CASE l.locktype
                        WHEN 'relation' THEN format('%s on %s', l.mode, l.relation::regclass)
                        WHEN 'tuple' THEN format('a row of %s', l.relation::regclass)
                        WHEN 'transactionid' THEN format('transaction %s to end', l.transactionid)
                        WHEN 'virtualxid' THEN 'a transaction to end'
                        WHEN 'advisory' THEN 'an advisory lock'
                        ELSE format('a lock of type %s', l.locktype)
                      END) AS lock
      FROM pg_catalog.pg_locks l
     WHERE NOT l.granted
     GROUP BY l.pid
), involved AS (
    SELECT pid FROM waiting
    UNION
    SELECT unnest(blocked_by) FROM waiting
)
SELECT i.pid, a.datname AS database, a.usename AS user, a.application_name AS application, a.backend_type, a.state,
       a.query AS statement,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS transaction_seconds,
       extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS state_seconds,
       extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS statement_seconds,
       coalesce(w.blocked_by, '{}') AS blocked_by, l.lock AS waits_for
  FROM involved i
  LEFT JOIN waiting w ON w.pid = i.pid
  LEFT JOIN wanted l ON l.pid = i.pid
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = i.pid
 ORDER BY statement_seconds DESC NULLS LAST, i.pid
 LIMIT 500
