-- Frees concurrency keys, in the order in which claims lock them.
-- bind: keys, ids
WITH held AS (
    SELECT s.key
      FROM ordctl.slot s
     WHERE s.key = ANY ($1::text[]) AND s.due_work_id = ANY ($2::bigint[])
     ORDER BY s.key
       FOR UPDATE
)
DELETE FROM ordctl.slot s USING held WHERE s.key = held.key
