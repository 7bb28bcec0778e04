-- Sizes of the 100 largest tables with indexes, and their dead rows.
SELECT format('%s.%s', t.schemaname, t.relname) AS table,
       coalesce(pg_catalog.pg_total_relation_size(t.relid), 0) AS bytes,
       coalesce(pg_catalog.pg_indexes_size(t.relid), 0) AS index_bytes,
       t.n_dead_tup AS dead
  FROM pg_catalog.pg_stat_user_tables t
 ORDER BY bytes DESC, 1
 LIMIT 100
