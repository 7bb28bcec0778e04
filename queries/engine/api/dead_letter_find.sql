-- Dead letters that were not retried and whose IDs lie between two IDs.
-- bind: low, high
SELECT l.occurrence AS id, t.title, l.at, t.status
  FROM ordctl.dead_letter l
  JOIN public.task t ON t.id = l.task_id
 WHERE l.retried_at IS NULL AND l.occurrence BETWEEN $1::uuid AND $2::uuid
 ORDER BY l.occurrence
 LIMIT 20
