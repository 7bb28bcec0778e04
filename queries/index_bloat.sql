-- Indexes that are larger than their entries need.
-- bind: min_bytes, min_waste
--
-- A B-tree entry takes 8 bytes of header, its columns at their average width, and a 4-byte line pointer. A page
-- has 8152 usable bytes and is filled to 90 percent (PostgreSQL documentation, "Database Page Layout" and "B-Tree
-- Indexes"). Since PostgreSQL 13 equal entries are stored once, so an index may need less than this estimate and
-- is then not listed, which errs on the safe side.
SELECT n.nspname AS schema, t.relname AS table_name, c.relname AS index_name, pg_relation_size(c.oid) AS bytes,
       e.bytes AS estimated_bytes, 1 - e.bytes / pg_relation_size(c.oid) AS waste
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_am m ON m.oid = c.relam AND m.amname = 'btree'
 CROSS JOIN LATERAL (
           SELECT sum(coalesce(s.avg_width, 8) * (1 - coalesce(s.null_frac, 0))) AS width
             FROM unnest(i.indkey::int2[]) AS k (attnum)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
             LEFT JOIN pg_catalog.pg_stats s
                    ON s.schemaname = n.nspname AND s.tablename = t.relname AND s.attname = a.attname) AS w
 CROSS JOIN LATERAL (
           SELECT (ceil(c.reltuples * (4 + 8 * ceil((8 + w.width) / 8.0)) / (8152 * 0.9)) + 2)::float8 * 8192 AS bytes) AS e
 WHERE i.indexprs IS NULL AND i.indisvalid AND c.reltuples >= 0
   AND n.nspname IN ('public', 'ordctl')
   AND pg_relation_size(c.oid) >= $1::float8
   AND e.bytes < pg_relation_size(c.oid) * (1 - $2::float8)
 ORDER BY pg_relation_size(c.oid) - e.bytes DESC
