-- Planner's row estimate of a table.
-- bind: schema, table
SELECT CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS rows
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::text
   AND c.relname = $2::text
   AND c.relkind IN ('r', 'p', 'm')
