-- Longest wait of a session of this database for a lock, and the session at the root of it.
-- A session that waits may itself block others: the chain is followed to the session that waits for nobody.
WITH RECURSIVE waiting AS (
    SELECT a.pid, a.query_start, b.blocker
      FROM pg_catalog.pg_stat_activity a
     CROSS JOIN LATERAL unnest(pg_catalog.pg_blocking_pids(a.pid)) AS b (blocker)
     WHERE a.wait_event_type = 'Lock' AND a.datname = pg_catalog.current_database()
), chain AS (
    SELECT pid, query_start, blocker FROM waiting
    UNION
    SELECT c.pid, c.query_start, w.blocker FROM chain c JOIN waiting w ON w.pid = c.blocker
), roots AS (
    SELECT blocker,
           count(DISTINCT pid) AS waiters,
           EXTRACT(epoch FROM clock_timestamp() - min(query_start)) AS wait
      FROM chain
     WHERE blocker NOT IN (SELECT pid FROM waiting)
     GROUP BY blocker
)
SELECT r.wait AS value,
       format('%s %s for %s',
              r.waiters,
              CASE r.waiters WHEN 1 THEN 'session waits' ELSE 'sessions wait' END,
              -- Process 0: a prepared transaction, which no process holds.
              CASE WHEN r.blocker = 0 THEN 'a prepared transaction'
                   ELSE format('pid %s, %s, %s, %s for %s', r.blocker, a.usename,
                               coalesce(nullif(a.application_name, ''), a.backend_type), a.state,
                               date_trunc('second', clock_timestamp() - a.state_change))
               END) AS note,
       CASE WHEN r.blocker = 0 THEN 'psql -c ''SELECT gid, prepared, owner FROM pg_prepared_xacts'''
            ELSE format('ordctl db kill %s', r.blocker)
        END AS hint
  FROM roots r
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = r.blocker
 ORDER BY r.wait DESC
 LIMIT 1
