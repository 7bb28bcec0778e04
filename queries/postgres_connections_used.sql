-- Percentage of the connections for regular users that are in use.
SELECT 100.0 * taken / room AS value,
       format('%s of %s', taken, room) AS note,
       'ordctl db connections' AS hint
  FROM (SELECT count(*) AS taken
          FROM pg_catalog.pg_stat_activity
         WHERE backend_type = 'client backend') AS used,
       (SELECT current_setting('max_connections')::int
             - current_setting('superuser_reserved_connections')::int AS room) AS allowed
