-- Privileges of the connected role, and the kind of server.
-- The catalog, not to_regclass, which fails on a schema without the USAGE privilege.
WITH relations AS (
    SELECT c.oid, c.relname, n.nspname
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('public', 'ordctl') AND c.relkind IN ('r', 'p')
)
SELECT current_user AS role,
       current_database() AS database,
       r.rolsuper AS superuser,
       pg_has_role(current_user, 'pg_monitor', 'USAGE') AS monitor,
       pg_has_role(current_user, 'pg_signal_backend', 'USAGE') AS signal_backend,
       has_database_privilege(current_database(), 'CREATE') AS create_in_database,
       (SELECT string_agg(m.rolname, ', ')
          FROM pg_catalog.pg_roles m
         WHERE m.rolname IN ('rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin', 'alloydbsuperuser')) AS managed_by,
       EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'pg_stat_statements') AS stat_statements,
       -- Its settings are defined only where the server has loaded it, and everybody sees them.
       EXISTS (SELECT 1 FROM pg_catalog.pg_settings WHERE name = 'pg_stat_statements.max') AS stat_statements_loaded,
       EXISTS (SELECT 1 FROM relations WHERE nspname = 'public' AND relname = 'task') AS has_tasks,
       EXISTS (SELECT 1 FROM relations WHERE nspname = 'ordctl' AND relname = 'migration') AS migrated,
       (SELECT string_agg(relname, ', ' ORDER BY relname)
          FROM relations
         WHERE nspname = 'public'
           AND relname IN ('task', 'task_run', 'due_work', 'audit_log', 'worker_heartbeat', 'agent')
           AND NOT has_table_privilege(oid, 'SELECT')) AS unreadable
  FROM pg_catalog.pg_roles r
 WHERE r.rolname = current_user
