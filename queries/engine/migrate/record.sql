-- Records an applied migration.
-- bind: version, name, checksum, applied_by
INSERT INTO ordctl.migration (version, name, checksum, applied_by)
VALUES ($1::int, $2::text, $3::text, $4::text)
