-- Client connections by database, user, application and state.
SELECT a.datname AS database, a.usename AS user, a.application_name AS application, a.state, count(*) AS connections,
       min(a.backend_start) AS oldest,
       max(extract(epoch FROM clock_timestamp() - a.state_change))::float8 AS longest_seconds
  FROM pg_catalog.pg_stat_activity a
 WHERE a.backend_type = 'client backend'
 GROUP BY 1, 2, 3, 4
 ORDER BY connections DESC, oldest
 LIMIT 1000
