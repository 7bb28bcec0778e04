-- how large are the tables, with their indexes, and how many of their rows are dead?
SELECT format('%s.%s', t.schemaname, t.relname) AS table,
       coalesce(pg_catalog.pg_total_relation_size(t.relid), 0) AS bytes,
       coalesce(pg_catalog.pg_indexes_size(t.relid), 0) AS index_bytes,
       t.n_dead_tup AS dead
  FROM pg_catalog.pg_stat_user_tables t
 ORDER BY bytes DESC, 1
 LIMIT 100
