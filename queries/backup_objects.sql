-- Number of tables, indexes, constraints, triggers, views, sequences and functions that a dump contains.
-- Objects of extensions do not count, nor do invalid indexes, which no dump contains.
WITH own AS (
    SELECT c.oid, c.relkind
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relpersistence <> 't'
       AND n.nspname !~ '^pg_'
       AND n.nspname <> 'information_schema'
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e
                        WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
)
SELECT (SELECT count(*) FROM own WHERE relkind IN ('r', 'p')) AS tables,
       (SELECT count(*) FROM own JOIN pg_catalog.pg_index i ON i.indrelid = own.oid WHERE i.indisvalid) AS indexes,
       (SELECT count(*) FROM own JOIN pg_catalog.pg_constraint k ON k.conrelid = own.oid
         WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')) AS constraints,
       (SELECT count(*) FROM own JOIN pg_catalog.pg_trigger t ON t.tgrelid = own.oid WHERE NOT t.tgisinternal) AS triggers,
       (SELECT count(*) FROM own WHERE relkind IN ('v', 'm')) AS views,
       (SELECT count(*) FROM own WHERE relkind = 'S') AS sequences,
       (SELECT count(*) FROM pg_catalog.pg_proc p
          JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname !~ '^pg_'
           AND n.nspname <> 'information_schema'
           AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e
                            WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')) AS functions
