-- progress of the engine's loops: every node reports when each of its loops last succeeded
CREATE TABLE ordctl.loop_progress (
    node         text NOT NULL,
    loop         text NOT NULL,
    is_ok        bool NOT NULL,
    succeeded_at timestamptz,
    error        text,
    reported_at  timestamptz NOT NULL,
    PRIMARY KEY (node, loop)
) WITH (fillfactor = 50);
COMMENT ON TABLE ordctl.loop_progress IS 'the loops of each node; a row that was not reported for 20 seconds counts as gone';
COMMENT ON COLUMN ordctl.loop_progress.succeeded_at IS 'the last success; null when there was none since the node started';
COMMENT ON COLUMN ordctl.loop_progress.error IS 'the error of the last attempt; null when it succeeded';
