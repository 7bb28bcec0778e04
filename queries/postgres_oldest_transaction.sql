-- Age of the oldest open transaction.
SELECT EXTRACT(epoch FROM now() - xact_start) AS value,
       format('pid %s, %s, %s', pid, usename, coalesce(nullif(application_name, ''), backend_type)) AS note,
       format('ordctl db kill %s', pid) AS hint
  FROM pg_catalog.pg_stat_activity
 WHERE xact_start IS NOT NULL
   AND application_name <> 'ordctl'
   -- An anti-wraparound vacuum may run for hours and must not be canceled.
   AND backend_type = 'client backend'
 ORDER BY xact_start
 LIMIT 1
