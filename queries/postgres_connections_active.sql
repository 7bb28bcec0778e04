-- how many other sessions of this database run a statement right now?
SELECT count(*) AS value
  FROM pg_catalog.pg_stat_activity
 WHERE datname = current_database()
   AND state = 'active'
   -- The report's own sessions are no load.
   AND application_name <> 'ordctl'
