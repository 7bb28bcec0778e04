-- Dead letters of active tasks that were not retried, oldest first.
-- bind: task, limit
SELECT l.occurrence
  FROM ordctl.dead_letter l
  JOIN public.task t ON t.id = l.task_id AND t.status = 'active'
 WHERE l.retried_at IS NULL
   AND ($1::text = '' OR l.task_id = nullif($1::text, '')::uuid)
 ORDER BY l.at, l.occurrence
 LIMIT $2::int
