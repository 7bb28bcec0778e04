-- Privileged roles, PUBLIC privileges, and how connections are protected.
SELECT (SELECT jsonb_agg(r.rolname ORDER BY r.rolname) FROM pg_catalog.pg_roles r
         WHERE r.rolsuper AND r.rolcanlogin) AS superusers,
       (SELECT jsonb_agg(r.rolname ORDER BY r.rolname) FROM pg_catalog.pg_roles r
         WHERE r.rolcanlogin AND (r.rolvaliduntil IS NULL OR r.rolvaliduntil = 'infinity')) AS no_expiry,
       (SELECT jsonb_agg(r.rolname ORDER BY r.rolname) FROM pg_catalog.pg_roles r
         WHERE r.rolcanlogin AND r.rolvaliduntil < now()) AS expired,
       (SELECT jsonb_agg(DISTINCT format('%I.%I: %s', n.nspname, c.relname, a.privilege_type))
          FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         CROSS JOIN LATERAL aclexplode(c.relacl) AS a
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
           AND a.grantee = 0
           AND n.nspname !~ '^pg_'
           AND n.nspname <> 'information_schema'
           AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e
                            WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')) AS public_tables,
       (SELECT jsonb_agg(n.nspname ORDER BY n.nspname)
          FROM pg_catalog.pg_namespace n
         CROSS JOIN LATERAL aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
         WHERE a.grantee = 0 AND a.privilege_type = 'CREATE' AND n.nspname !~ '^pg_') AS public_schemas,
       current_setting('ssl') = 'on' AS tls,
       NOT EXISTS (SELECT 1 FROM unnest(string_to_array(replace(current_setting('listen_addresses'), ' ', ''), ',')) AS l (host)
                    WHERE l.host NOT IN ('', 'localhost', '::1') AND l.host !~ '^127[.]') AS local_only,
       current_setting('password_encryption') AS password_encryption,
       has_table_privilege('pg_catalog.pg_hba_file_rules', 'SELECT')
           AND has_function_privilege('pg_catalog.pg_hba_file_rules()', 'EXECUTE') AS rules_readable
