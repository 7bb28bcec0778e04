-- Scheduler tables not analyzed since the last statistics reset.
--
-- A reset keeps the planner's statistics (reltuples) but erases the live and dead row counts that autovacuum needs;
-- only ANALYZE restores them.
SELECT count(*) AS value, string_agg(t.relname, ', ' ORDER BY t.relname) AS note
  FROM pg_catalog.pg_stat_user_tables t
  JOIN pg_catalog.pg_stat_database d ON d.datname = pg_catalog.current_database()
 WHERE t.schemaname = 'public'
   AND t.relname IN ('task', 'task_run', 'due_work', 'audit_log', 'worker_heartbeat')
   AND (greatest(t.last_analyze, t.last_autoanalyze) IS NULL
        OR greatest(t.last_analyze, t.last_autoanalyze) < d.stats_reset)
