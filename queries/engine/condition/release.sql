-- Releases conditions whose evaluation was aborted; they are due at once.
-- bind: tokens
--
-- Locks rows in the order of their IDs, as take does.
WITH mine AS MATERIALIZED (
    SELECT task_id FROM ordctl.condition WHERE token = ANY ($1::uuid[]) ORDER BY task_id FOR UPDATE
)
UPDATE ordctl.condition c SET token = NULL, next_at = now() FROM mine WHERE c.task_id = mine.task_id
