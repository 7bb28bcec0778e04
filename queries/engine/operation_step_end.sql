-- Records the end of a step, unless it is recorded already.
-- bind: operation, position, status, error, result
UPDATE ordctl.operation_step
   SET finished_at = now(),
       status = $3::text,
       error = nullif($4::text, ''),
       result = $5::text::jsonb
 WHERE operation_id = $1::text::uuid
   AND position = $2::text::int
   AND finished_at IS NULL
