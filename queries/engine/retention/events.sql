-- Deletes expired events of the next batch, and returns where the following batch begins.
-- bind: before, after_at, after_id, limit, needed, stream
SELECT deleted, seen, last_at, last_id
  FROM ordctl.delete_events($1::timestamptz, $2::timestamptz, $3::uuid, $4::int, $5::uuid[], $6::bool)
