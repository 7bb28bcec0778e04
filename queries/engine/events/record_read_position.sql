-- Records up to where the event stream was read and acknowledged.
-- bind: done
UPDATE ordctl.engine
   SET stream_read = $1::text
 WHERE stream_read IS NULL OR ordctl.stream_place(stream_read) < ordctl.stream_place($1::text)
