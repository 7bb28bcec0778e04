-- Progress of an index build on a table.
-- bind: schema, table
--
-- The table scan counts blocks; sorting and loading count tuples.
SELECT p.phase,
       CASE WHEN p.tuples_total > 0 THEN p.tuples_done ELSE p.blocks_done END AS done,
       CASE WHEN p.tuples_total > 0 THEN p.tuples_total ELSE p.blocks_total END AS total
  FROM pg_catalog.pg_stat_progress_create_index p
 WHERE p.relid = to_regclass(quote_ident($1::text) || '.' || quote_ident($2::text))
