-- Scratch databases that a backup verification left behind, and whether a session uses them.
SELECT d.datname AS name,
       EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid) AS busy
  FROM pg_catalog.pg_database d
 WHERE d.datname ~ '^ordctl_scratch_[0-9a-f]{32}$'
   AND pg_catalog.pg_has_role(current_user, d.datdba, 'USAGE')
 ORDER BY d.datname
