-- Stores a sample of sizes and counters, unless a younger one exists.
-- bind: seconds
--
-- n_tup_ins counts since the last statistics reset, so the time of that reset is stored too: it distinguishes a
-- counter that was reset and has passed its old value from one that was not. The 500 largest tables are sampled;
-- growth_since.sql depends on this number. A table locked by another session is counted but not measured. Parked
-- work is not due.
WITH due AS MATERIALIZED (
    SELECT now() AS at
     WHERE NOT EXISTS (SELECT FROM ordctl.sample s
                        WHERE s.at > now() - make_interval(secs => $1::float8) AND s.name = 'database_bytes')
), locked AS MATERIALIZED (
    SELECT coalesce(o.oid, i.indrelid, l.relation) AS relid
      FROM pg_catalog.pg_locks l
      LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = l.relation
      LEFT JOIN pg_catalog.pg_class o ON o.reltoastrelid = coalesce(i.indrelid, l.relation)
     WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
       AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
), tables AS MATERIALIZED (
    SELECT format('%s.%s', t.schemaname, t.relname) AS label, t.n_tup_ins AS inserted,
           CASE WHEN NOT EXISTS (SELECT FROM locked WHERE locked.relid = t.relid)
                THEN pg_catalog.pg_total_relation_size(t.relid) END AS bytes
      FROM due
     CROSS JOIN pg_catalog.pg_stat_user_tables t
     ORDER BY bytes DESC NULLS LAST
     LIMIT 500
), measured (name, label, value) AS (
    SELECT 'database_bytes', '', pg_catalog.pg_database_size(pg_catalog.current_database())::float8
     UNION ALL
    SELECT 'stats_reset', '', extract(epoch FROM d.stats_reset)::float8
      FROM pg_catalog.pg_stat_database d
     WHERE d.datname = pg_catalog.current_database()
     UNION ALL
    SELECT 'queue_due', '', count(*)::float8
      FROM public.due_work w
     WHERE w.run_at <= now() AND (w.locked_until IS NULL OR w.locked_until < now())
       AND coalesce(w.parked NOT IN ('key', 'task'), true)
     UNION ALL
    SELECT 'workers_active', '', count(*)::float8
      FROM public.worker_heartbeat h
     WHERE h.last_seen > now() - interval '2 minutes'
     UNION ALL
    SELECT 'table_bytes', t.label, t.bytes::float8 FROM tables t
     UNION ALL
    SELECT 'table_inserted', t.label, t.inserted::float8 FROM tables t
)
INSERT INTO ordctl.sample (at, name, label, value)
SELECT due.at, m.name, m.label, m.value
  FROM due
 CROSS JOIN measured m
 WHERE m.value IS NOT NULL
    ON CONFLICT DO NOTHING
