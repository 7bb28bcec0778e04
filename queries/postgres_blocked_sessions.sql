-- Longest wait of a session of this database for a lock, and the session at the root of it.
-- A session that waits may itself block others: the chain is followed to the session that waits for nobody.
-- PostgreSQL 13 has no column waitstart: there the name resolves to that of `otherwise`, and the age of the statement,
-- which is at least as long, stands for the wait. In later versions it is null in the first moment of a wait.
-- A role without pg_read_all_stats sees neither the statements nor the states of other roles' sessions.
WITH RECURSIVE waiting AS (
    SELECT a.pid, b.blocker,
           coalesce(l.since, CASE WHEN current_setting('server_version_num')::int < 140000 THEN a.query_start
                                  ELSE clock_timestamp() END) AS since
      FROM (SELECT NULL::timestamptz AS waitstart) AS otherwise,
           LATERAL (SELECT k.pid, waitstart AS since FROM pg_catalog.pg_locks k WHERE NOT k.granted) AS l
      JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
     CROSS JOIN LATERAL unnest(pg_catalog.pg_blocking_pids(a.pid)) AS b (blocker)
     WHERE a.datname = pg_catalog.current_database()
), chain AS (
    SELECT pid, since, blocker FROM waiting
    UNION
    SELECT c.pid, c.since, w.blocker FROM chain c JOIN waiting w ON w.pid = c.blocker
), roots AS (
    SELECT blocker,
           count(DISTINCT pid) AS waiters,
           EXTRACT(epoch FROM clock_timestamp() - min(since)) AS wait
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
                   ELSE concat_ws(', ', format('pid %s', r.blocker), a.usename,
                                  coalesce(nullif(a.application_name, ''), a.backend_type),
                                  a.state || ' for ' || date_trunc('second', clock_timestamp() - a.state_change))
               END) AS note,
       CASE WHEN r.blocker = 0 THEN 'psql -c ''SELECT gid, prepared, owner FROM pg_prepared_xacts'''
            WHEN a.state IS NOT NULL THEN format('ordctl db kill %s', r.blocker)
            ELSE 'ordctl db locks'
        END AS hint
  FROM roots r
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = r.blocker
 ORDER BY r.wait DESC NULLS LAST
 LIMIT 1
