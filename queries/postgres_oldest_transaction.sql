-- how long has the oldest open transaction been open?
SELECT EXTRACT(epoch FROM now() - xact_start) AS value,
       format('pid %s, %s, %s', pid, usename, coalesce(nullif(application_name, ''), backend_type)) AS note
  FROM pg_catalog.pg_stat_activity
 WHERE xact_start IS NOT NULL
   AND application_name <> 'ordctl'
   -- A vacuum that keeps wraparound away may take hours and must not be cut short.
   AND backend_type = 'client backend'
 ORDER BY xact_start
 LIMIT 1
