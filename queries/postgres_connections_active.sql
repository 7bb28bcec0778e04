-- how many other sessions of this database run a statement right now?
SELECT count(*) AS value
  FROM pg_catalog.pg_stat_activity
 WHERE datname = current_database()
   AND state = 'active'
   AND pid <> pg_backend_pid()
