-- how many indexes are invalid, left behind by a CREATE or REINDEX CONCURRENTLY that failed?
SELECT count(*) AS value, string_agg(i.indexrelid::regclass::text, ', ') AS note
  FROM pg_catalog.pg_index i
 WHERE NOT i.indisvalid
   -- One that is being built right now is invalid, too, and as it should be.
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_progress_create_index p WHERE p.relid = i.indrelid)
