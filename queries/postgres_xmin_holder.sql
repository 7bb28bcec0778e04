-- Age in transactions of the oldest xmin horizon that keeps VACUUM from removing dead rows.
SELECT held AS value, holder AS note, hint
  FROM (SELECT greatest(age(backend_xmin), age(backend_xid)) AS held,
               format('pid %s, %s, %s', pid, usename, state) AS holder,
               format('ordctl db kill %s', pid) AS hint
          FROM pg_catalog.pg_stat_activity
         WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) AND application_name <> 'ordctl'
        UNION ALL
        SELECT age(transaction), format('prepared transaction %s', gid),
               'psql -c ''SELECT gid, prepared, owner FROM pg_prepared_xacts'''
          FROM pg_catalog.pg_prepared_xacts
        UNION ALL
        SELECT greatest(age(xmin), age(catalog_xmin)), format('replication slot %s', slot_name),
               'psql -c ''SELECT slot_name, active, restart_lsn FROM pg_replication_slots'''
          FROM pg_catalog.pg_replication_slots
         WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL
        UNION ALL
        SELECT age(backend_xmin), format('standby %s', application_name),
               'psql -c ''SELECT application_name, state, backend_xmin FROM pg_stat_replication'''
          FROM pg_catalog.pg_stat_replication
         WHERE backend_xmin IS NOT NULL) AS holders
 ORDER BY held DESC
 LIMIT 1
