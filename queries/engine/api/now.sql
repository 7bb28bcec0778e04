-- Current time of the database.
SELECT now() AS now
