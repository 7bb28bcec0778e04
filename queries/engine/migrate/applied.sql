-- Applied migrations.
SELECT version, name, checksum, applied_at, applied_by
  FROM ordctl.migration
 ORDER BY version
