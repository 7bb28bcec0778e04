-- Progress of ANALYZE on a table.
-- bind: schema, table
SELECT p.phase, p.sample_blks_scanned AS done, p.sample_blks_total AS total
  FROM pg_catalog.pg_stat_progress_analyze p
 WHERE p.relid = to_regclass(quote_ident($1::text) || '.' || quote_ident($2::text))
