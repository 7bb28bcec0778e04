-- what may the connected role do, and what kind of server is this?
SELECT current_user AS role,
       r.rolsuper AS superuser,
       pg_has_role(current_user, 'pg_monitor', 'USAGE') AS monitor,
       pg_has_role(current_user, 'pg_signal_backend', 'USAGE') AS signal_backend,
       has_database_privilege(current_database(), 'CREATE') AS create_in_database,
       (SELECT string_agg(m.rolname, ', ')
          FROM pg_catalog.pg_roles m
         WHERE m.rolname IN ('rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin', 'alloydbsuperuser')) AS managed_by,
       EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'pg_stat_statements') AS stat_statements,
       to_regclass('public.task') IS NOT NULL AS has_tasks,
       to_regclass('ordctl.migration') IS NOT NULL AS migrated,
       (SELECT string_agg(t, ', ')
          FROM unnest(ARRAY['task', 'task_run', 'due_work', 'audit_log', 'worker_heartbeat', 'agent']) AS t
         WHERE to_regclass('public.' || t) IS NOT NULL
           AND NOT has_table_privilege('public.' || t, 'SELECT')) AS unreadable
  FROM pg_catalog.pg_roles r
 WHERE r.rolname = current_user
