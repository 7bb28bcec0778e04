-- Creates the table of applied migrations; requires the migration lock.
CREATE SCHEMA IF NOT EXISTS ordctl;
CREATE TABLE IF NOT EXISTS ordctl.migration (
    version    int PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_by text NOT NULL
);
COMMENT ON TABLE ordctl.migration IS 'migrations of ordctl applied to this database';
