-- Invalid indexes that a failed REINDEX CONCURRENTLY left behind.
SELECT n.nspname AS schema, c.relname AS index_name, t.relname AS table_name
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT i.indisvalid
   AND c.relname ~ '_cc(new|old)[0-9]*$'
   AND n.nspname IN ('public', 'ordctl')
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_progress_create_index p WHERE p.relid = i.indrelid)
 ORDER BY 1, 2
