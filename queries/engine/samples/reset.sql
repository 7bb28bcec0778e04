-- Resets the statistics counters of this database.
SELECT pg_catalog.pg_stat_reset()
