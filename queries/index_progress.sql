-- how far is an index that is being built?
-- bind: schema, table
SELECT p.phase, p.blocks_done AS done, p.blocks_total AS total
  FROM pg_catalog.pg_stat_progress_create_index p
 WHERE p.relid = to_regclass(quote_ident($1::text) || '.' || quote_ident($2::text))
