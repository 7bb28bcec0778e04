-- Invalid indexes, left behind by a failed CREATE or REINDEX INDEX CONCURRENTLY.
SELECT count(*) AS value, string_agg(i.indexrelid::regclass::text, ', ') AS note
  FROM pg_catalog.pg_index i
 WHERE NOT i.indisvalid
   -- An index that is being built is invalid, too.
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_progress_create_index p WHERE p.relid = i.indrelid)
