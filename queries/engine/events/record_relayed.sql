-- Records the stream positions of relayed events.
-- bind: ids, stream_ids
UPDATE ordctl.event e
   SET stream_id = x.stream_id
  FROM unnest($1::uuid[], $2::text[]) AS x (id, stream_id)
 WHERE e.id = x.id AND e.stream_id IS NULL
