-- Progress of VACUUM on a table.
-- bind: schema, table
--
-- The index phases have no countable progress.
SELECT p.phase,
       CASE p.phase WHEN 'scanning heap' THEN p.heap_blks_scanned
                    WHEN 'vacuuming heap' THEN p.heap_blks_vacuumed
                    ELSE 0 END AS done,
       CASE WHEN p.phase IN ('scanning heap', 'vacuuming heap') THEN p.heap_blks_total ELSE 0 END AS total
  FROM pg_catalog.pg_stat_progress_vacuum p
 WHERE p.relid = to_regclass(quote_ident($1::text) || '.' || quote_ident($2::text))
