-- Records that a newer run replaced an unfinished one.
-- bind: operation
WITH steps AS (
    UPDATE ordctl.operation_step
       SET status = 'interrupted', finished_at = now()
     WHERE operation_id = $1::text::uuid
       AND status = 'running'
)
UPDATE ordctl.operation
   SET status = 'interrupted', finished_at = now()
 WHERE id = $1::text::uuid
   AND status = 'running'
