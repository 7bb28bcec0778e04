-- The database to back up: its server, size and locale, and what the connected role may do.
-- to_jsonb: the locale columns depend on the server version.
SELECT d.datname AS database,
       current_user AS role,
       (SELECT c.system_identifier::text FROM pg_catalog.pg_control_system() c
         WHERE has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')) AS system,
       current_setting('server_version') AS server,
       current_setting('server_version_num')::int / 10000 AS major,
       pg_catalog.pg_database_size(d.oid) AS bytes,
       pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
       d.datcollate AS collate,
       d.datctype AS ctype,
       to_jsonb(d) ->> 'datlocprovider' AS provider,
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale,
       (SELECT s.setting FROM pg_catalog.pg_settings s WHERE s.name = 'data_directory') AS directory,
       pg_catalog.clock_timestamp() AS now,
       r.rolcreatedb OR r.rolsuper AS creates,
       has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS passwords,
       (SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ' ORDER BY n.nspname, c.relname)
          FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p')
           AND c.relpersistence <> 't'
           AND n.nspname !~ '^pg_'
           AND n.nspname <> 'information_schema'
           AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e
                            WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
           AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))) AS unreadable,
       (SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid::regclass::text)
          FROM pg_catalog.pg_class c
         WHERE c.relkind IN ('r', 'p')
           AND c.relrowsecurity
           AND pg_catalog.row_security_active(c.oid)) AS filtered,
       (SELECT count(*)
          FROM pg_catalog.pg_largeobject_metadata l
         WHERE NOT r.rolsuper
           AND NOT pg_has_role(l.lomowner, 'USAGE')
           AND NOT EXISTS (SELECT 1 FROM pg_catalog.aclexplode(l.lomacl) a
                            WHERE a.privilege_type = 'SELECT'
                              AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))) AS foreign_large_objects
  FROM pg_catalog.pg_database d
  JOIN pg_catalog.pg_roles r ON r.rolname = current_user
 WHERE d.datname = current_database()
