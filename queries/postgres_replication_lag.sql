-- Replication lag of the slowest standby, or of this server if it is a standby.
SELECT lag AS value, who AS note
  FROM (SELECT EXTRACT(epoch FROM replay_lag) AS lag,
               format('%s, %s', coalesce(nullif(application_name, ''), client_addr::text), state) AS who
          FROM pg_catalog.pg_stat_replication
        UNION ALL
        SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                    ELSE EXTRACT(epoch FROM now() - pg_last_xact_replay_timestamp()) END,
               'this server is a standby'
         WHERE pg_is_in_recovery()) AS servers
 ORDER BY lag DESC NULLS LAST
 LIMIT 1
