-- how many of the scheduler's tables were not analyzed since the statistics were last reset?
--
-- The planner keeps what it knows through a reset (reltuples); how many rows are live and dead, which
-- autovacuum goes by, is known again only after an ANALYZE.
SELECT count(*) AS value, string_agg(t.relname, ', ' ORDER BY t.relname) AS note
  FROM pg_catalog.pg_stat_user_tables t
  JOIN pg_catalog.pg_stat_database d ON d.datname = pg_catalog.current_database()
 WHERE t.schemaname = 'public'
   AND t.relname IN ('task', 'task_run', 'due_work', 'audit_log', 'worker_heartbeat')
   AND (greatest(t.last_analyze, t.last_autoanalyze) IS NULL
        OR greatest(t.last_analyze, t.last_autoanalyze) < d.stats_reset)
