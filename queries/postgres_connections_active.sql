-- Other sessions of this database that run a statement now.
SELECT count(*) AS value
  FROM pg_catalog.pg_stat_activity
 WHERE datname = current_database()
   AND state = 'active'
   -- The sessions of the report itself do not count.
   AND application_name <> 'ordctl'
