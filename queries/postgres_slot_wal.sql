-- WAL retained by the replication slot that is furthest behind.
SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
                            ELSE pg_current_wal_lsn() END, restart_lsn) AS value,
       format('slot %s, %s', slot_name, CASE WHEN active THEN 'active' ELSE 'inactive' END) AS note
  FROM pg_catalog.pg_replication_slots
 WHERE restart_lsn IS NOT NULL
 ORDER BY 1 DESC NULLS LAST
 LIMIT 1
