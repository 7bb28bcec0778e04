-- gives back conditions whose evaluation came to nothing: they are due at once
-- bind: tokens
--
-- Rows are locked in the order of their ids, as take does.
WITH mine AS MATERIALIZED (
    SELECT task_id FROM ordctl.condition WHERE token = ANY ($1::uuid[]) ORDER BY task_id FOR UPDATE
)
UPDATE ordctl.condition c SET token = NULL, next_at = now() FROM mine WHERE c.task_id = mine.task_id
