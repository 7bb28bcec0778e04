-- notes from where the event stream is read; whoever is first says it
-- bind: start
UPDATE ordctl.engine SET stream_start = coalesce(stream_start, $1::text) RETURNING to_jsonb(stream_start)
