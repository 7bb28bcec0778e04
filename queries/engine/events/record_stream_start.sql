-- Records where reading of the event stream starts; the first caller decides.
-- bind: start
UPDATE ordctl.engine SET stream_start = coalesce(stream_start, $1::text) RETURNING to_jsonb(stream_start)
