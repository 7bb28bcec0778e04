-- Whether the role may reset the statistics of the database and analyze all its tables.
SELECT current_user AS role,
       has_function_privilege('pg_catalog.pg_stat_reset()', 'EXECUTE') AS may_reset,
       r.rolsuper OR pg_has_role(d.datdba, 'USAGE')
           OR EXISTS (SELECT FROM pg_catalog.pg_roles m
                       WHERE m.rolname = 'pg_maintain' AND pg_has_role(m.oid, 'USAGE')) AS may_analyze
  FROM pg_catalog.pg_database d
  JOIN pg_catalog.pg_roles r ON r.rolname = current_user
 WHERE d.datname = current_database()
