-- Number of dead letters by task that were not retried.
-- bind: task
SELECT t.id, t.title, t.status, count(*) AS dead_letters
  FROM ordctl.dead_letter l
  JOIN public.task t ON t.id = l.task_id
 WHERE l.retried_at IS NULL
   AND ($1::text = '' OR l.task_id = nullif($1::text, '')::uuid)
 GROUP BY t.id
 ORDER BY dead_letters DESC, t.title, t.id
