-- Existing tables, as far as migrations depend on them.
SELECT to_regclass('ordctl.migration') IS NOT NULL AS has_migration_table,
       to_regclass('public.task') IS NOT NULL AS has_task_table,
       pg_catalog.pg_is_in_recovery() AS standby
