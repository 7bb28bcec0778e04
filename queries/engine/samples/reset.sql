-- resets the counters of this database's tables and indexes
SELECT pg_catalog.pg_stat_reset()
