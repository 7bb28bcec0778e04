-- which migrations were applied, when and by whom?
SELECT version, name, checksum, applied_at, applied_by
  FROM ordctl.migration
 ORDER BY version
