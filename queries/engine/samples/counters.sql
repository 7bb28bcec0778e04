-- Stores the statistics counters of the database, its tables and indexes before a reset.
--
-- The 500 largest tables and the 1000 largest indexes, which is what reports cover.
WITH tables AS MATERIALIZED (
    SELECT format('%s.%s', t.schemaname, t.relname) AS label, t.*
      FROM pg_catalog.pg_stat_user_tables t
     ORDER BY pg_catalog.pg_total_relation_size(t.relid) DESC NULLS LAST
     LIMIT 500
), indexes AS MATERIALIZED (
    SELECT format('%s.%s', i.schemaname, i.indexrelname) AS label, i.*
      FROM pg_catalog.pg_stat_user_indexes i
     ORDER BY pg_catalog.pg_relation_size(i.indexrelid) DESC NULLS LAST
     LIMIT 1000
), counted (name, label, value) AS (
    SELECT c.name, t.label, c.value
      FROM tables t
     CROSS JOIN LATERAL (VALUES
               ('table_updated', t.n_tup_upd::float8),
               ('table_updated_hot', t.n_tup_hot_upd::float8),
               ('table_deleted', t.n_tup_del::float8),
               ('table_live', t.n_live_tup::float8),
               ('table_dead', t.n_dead_tup::float8),
               ('table_seq_scans', t.seq_scan::float8),
               ('table_seq_rows', t.seq_tup_read::float8),
               ('table_index_scans', t.idx_scan::float8),
               ('table_index_rows', t.idx_tup_fetch::float8),
               ('table_vacuumed_at', extract(epoch FROM greatest(t.last_vacuum, t.last_autovacuum))::float8),
               ('table_analyzed_at', extract(epoch FROM greatest(t.last_analyze, t.last_autoanalyze))::float8)
           ) AS c (name, value)
     UNION ALL
    SELECT c.name, i.label, c.value
      FROM indexes i
     CROSS JOIN LATERAL (VALUES
               ('index_scans', i.idx_scan::float8),
               ('index_rows', i.idx_tup_read::float8),
               ('index_rows_fetched', i.idx_tup_fetch::float8)
           ) AS c (name, value)
     UNION ALL
    SELECT c.name, '', c.value
      FROM pg_catalog.pg_stat_database d
     CROSS JOIN LATERAL (VALUES
               ('database_commits', d.xact_commit::float8),
               ('database_rollbacks', d.xact_rollback::float8),
               ('database_blocks_read', d.blks_read::float8),
               ('database_blocks_hit', d.blks_hit::float8),
               ('database_conflicts', d.conflicts::float8),
               ('database_temp_files', d.temp_files::float8),
               ('database_temp_bytes', d.temp_bytes::float8),
               ('database_deadlocks', d.deadlocks::float8),
               ('database_checksum_failures', d.checksum_failures::float8)
           ) AS c (name, value)
     WHERE d.datname = pg_catalog.current_database()
)
INSERT INTO ordctl.sample (at, name, label, value)
SELECT now(), c.name, c.label, c.value
  FROM counted c
 WHERE c.value IS NOT NULL
    ON CONFLICT DO NOTHING
