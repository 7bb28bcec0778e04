-- Tables of this database that the role may analyze, the scheduler's first.
--
-- Includes non-empty catalog tables, whose statistics a reset erases too, but not shared ones, which keep theirs.
SELECT n.nspname AS schema, c.relname AS table
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_database d ON d.datname = current_database()
 WHERE c.relkind IN ('r', 'm')
   AND c.relpersistence <> 't'
   AND NOT c.relisshared
   AND n.nspname <> 'pg_toast'
   AND (n.nspname NOT IN ('pg_catalog', 'information_schema') OR pg_catalog.pg_relation_size(c.oid) > 0)
   AND (pg_has_role(c.relowner, 'USAGE') OR pg_has_role(d.datdba, 'USAGE')
        OR EXISTS (SELECT FROM pg_catalog.pg_roles m
                    WHERE m.rolname = 'pg_maintain' AND pg_has_role(m.oid, 'USAGE')))
 ORDER BY n.nspname = 'public' DESC, n.nspname = 'ordctl' DESC, n.nspname, c.relname
