-- Statement with the highest mean execution time in pg_stat_statements.
--
-- The query text is a string that runs only when the view exists. It covers normalized statements with at least 5
-- calls, not utility statements, which are stored with their values.
WITH known AS (
    SELECT CASE WHEN to_regclass('pg_stat_statements') IS NOT NULL THEN query_to_xml(
               $$SELECT s.mean_exec_time / 1000 AS seconds, s.calls,
                        encode(convert_to(left(regexp_replace(s.query, '\s+', ' ', 'g'), 100), 'UTF8'), 'hex') AS query
                   FROM pg_stat_statements s
                  WHERE s.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                    AND s.calls >= 5
                    AND s.query ~* '^\s*(select|insert|update|delete|with)\M'
                  ORDER BY s.mean_exec_time DESC
                  LIMIT 1$$, false, false, '') END AS x
)
SELECT (xpath('/table/row/seconds/text()', x))[1]::text::float8 AS seconds,
       (xpath('/table/row/calls/text()', x))[1]::text::bigint AS calls,
       convert_from(decode((xpath('/table/row/query/text()', x))[1]::text, 'hex'), 'UTF8') AS query
  FROM known
 WHERE x IS NOT NULL AND xpath_exists('/table/row', x)
