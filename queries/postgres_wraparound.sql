-- Percentage of transaction ID wraparound that the oldest table of any database has reached.
SELECT 100.0 * max(used) / 2147483648.0 AS value,
       format('%s, %s transactions old', (array_agg(datname ORDER BY used DESC))[1], max(used)) AS note
  FROM (SELECT datname, greatest(age(datfrozenxid), mxid_age(datminmxid)) AS used
          FROM pg_catalog.pg_database
         WHERE datallowconn) AS databases
