-- Time for which WAL archiving has failed.
SELECT CASE WHEN last_failed_time > coalesce(last_archived_time, '-infinity')
            THEN EXTRACT(epoch FROM now() - coalesce(last_archived_time, last_failed_time))
            ELSE 0 END AS value,
       CASE WHEN current_setting('archive_mode') = 'off' THEN 'archive_mode is off'
            WHEN last_failed_time > coalesce(last_archived_time, '-infinity')
            THEN format('%s failed attempts, last on %s', failed_count, last_failed_wal) END AS note
  FROM pg_catalog.pg_stat_archiver
