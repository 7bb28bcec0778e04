-- samples of what grows, and the slots of workers: for reports on growth and use

-- How many runs a lane has at once: with it a report can say how busy a worker is.
ALTER TABLE ordctl.worker ADD COLUMN slots int;
COMMENT ON COLUMN ordctl.worker.slots IS 'how many runs it has at once; null: it was registered by a version that did not say';

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
