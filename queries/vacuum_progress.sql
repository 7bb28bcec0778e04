-- how far is the vacuum of a table?
-- bind: schema, table
SELECT p.phase, p.heap_blks_scanned AS done, p.heap_blks_total AS total
  FROM pg_catalog.pg_stat_progress_vacuum p
 WHERE p.relid = to_regclass(quote_ident($1::text) || '.' || quote_ident($2::text))
