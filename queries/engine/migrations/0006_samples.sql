-- samples of what grows, for reports that need to know how it was before

CREATE TABLE ordctl.sample (
    name  text NOT NULL,
    label text NOT NULL DEFAULT '',
    at    timestamptz NOT NULL,
    value float8 NOT NULL,
    PRIMARY KEY (name, label, at)
);
CREATE INDEX sample_at_name ON ordctl.sample (at, name);
COMMENT ON TABLE ordctl.sample IS 'what was measured, when; thinned to one a day after five weeks, gone after a year';
COMMENT ON COLUMN ordctl.sample.name IS 'database_bytes, table_bytes, table_inserted, queue_due, workers_active, stats_reset';
COMMENT ON COLUMN ordctl.sample.label IS 'the table, as schema.name; empty where it is of the whole database';
