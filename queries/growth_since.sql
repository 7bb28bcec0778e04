-- Growth of the database and its tables since the last sample before a time, or the first after it.
-- bind: before
--
-- `inserted` sums the gains of the row counter from sample to sample. After a reset of the counter only the rows
-- since the reset are known, so the sum is a lower bound.
WITH base AS (
    SELECT coalesce((SELECT max(s.at) FROM ordctl.sample s WHERE s.name = 'database_bytes' AND s.at < $1::timestamptz),
                    (SELECT min(s.at) FROM ordctl.sample s WHERE s.name = 'database_bytes' AND s.at >= $1::timestamptz)) AS at
), base_full AS (
    SELECT count(*) >= 500 AS is_full
      FROM base
      JOIN ordctl.sample s ON s.at = base.at AND s.name = 'table_inserted'
), locked AS MATERIALIZED (
    SELECT coalesce(o.oid, i.indrelid, l.relation) AS relid
      FROM pg_catalog.pg_locks l
      LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = l.relation
      LEFT JOIN pg_catalog.pg_class o ON o.reltoastrelid = coalesce(i.indrelid, l.relation)
     WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
       AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
), present AS MATERIALIZED (
    SELECT m.label, m.is_locked, m.inserted,
           CASE WHEN NOT m.is_locked THEN pg_catalog.pg_total_relation_size(m.relid) END AS bytes
      FROM (SELECT format('%s.%s', t.schemaname, t.relname) AS label, t.relid, t.n_tup_ins::float8 AS inserted,
                   EXISTS (SELECT FROM locked WHERE locked.relid = t.relid) AS is_locked
              FROM pg_catalog.pg_stat_user_tables t) AS m
), counters AS (
    SELECT s.label, s.at, s.value, r.value AS reset
      FROM base
      JOIN ordctl.sample s ON s.at >= base.at AND s.name = 'table_inserted'
      LEFT JOIN ordctl.sample r ON r.name = 'stats_reset' AND r.label = '' AND r.at = s.at
     UNION ALL
    SELECT p.label, 'infinity', p.inserted,
           (SELECT extract(epoch FROM d.stats_reset)::float8 FROM pg_catalog.pg_stat_database d
             WHERE d.datname = pg_catalog.current_database())
      FROM present p
), paces AS (
    SELECT c.label, c.at, c.value, lag(c.value) OVER readings AS before,
           row_number() OVER readings = 1 AS first,
           c.value < lag(c.value) OVER readings OR c.reset IS DISTINCT FROM lag(c.reset) OVER readings AS fresh
      FROM counters c
    WINDOW readings AS (PARTITION BY c.label ORDER BY c.at)
), inserted AS (
    SELECT p.label,
           -- Counting begins at the first reading of a table, or at 0 for a table created since the base sample.
           sum(CASE WHEN p.first AND p.at = base.at THEN 0
                    WHEN p.first OR p.fresh THEN p.value
                    ELSE p.value - p.before END) AS rows,
           coalesce(bool_or(p.first AND p.at = base.at), false) AS in_base,
           bool_or(NOT p.first AND p.fresh) AS reset
      FROM base
     CROSS JOIN paces p
     GROUP BY p.label
)
SELECT NULL AS table, extract(epoch FROM now() - base.at)::float8 AS since_seconds,
       pg_catalog.pg_database_size(pg_catalog.current_database()) AS bytes,
       pg_catalog.pg_database_size(pg_catalog.current_database()) - b.value::bigint AS grown,
       NULL::bigint AS inserted, false AS reset, false AS locked
  FROM base
  LEFT JOIN ordctl.sample b ON b.name = 'database_bytes' AND b.label = '' AND b.at = base.at
 UNION ALL
SELECT p.label, extract(epoch FROM now() - base.at)::float8, p.bytes,
       CASE WHEN base.at IS NULL THEN NULL
            WHEN b.value IS NOT NULL THEN p.bytes - b.value::bigint
            -- In the base sample the table was counted but not measured, because it was locked.
            WHEN NOT i.in_base AND NOT base_full.is_full THEN p.bytes END,
       CASE WHEN base.at IS NOT NULL AND (i.in_base OR NOT base_full.is_full) THEN i.rows::bigint END,
       base.at IS NOT NULL AND i.reset, p.is_locked
  FROM base
 CROSS JOIN base_full
 CROSS JOIN present p
  JOIN inserted i ON i.label = p.label
  LEFT JOIN ordctl.sample b ON b.name = 'table_bytes' AND b.label = p.label AND b.at = base.at
