-- Dead letters that were not retried, newest first.
-- bind: task, limit
SELECT l.occurrence, l.task_id, t.title, t.status, l.scheduled_at, r.attempt AS attempts, l.at,
       split_part(r.error, E'\n', 1) AS error
  FROM (SELECT x.occurrence, x.task_id, x.scheduled_at, x.at
          FROM ordctl.dead_letter x
         WHERE x.retried_at IS NULL
           AND ($1::text = '' OR x.task_id = nullif($1::text, '')::uuid)
         ORDER BY x.at DESC, x.occurrence
         LIMIT $2::int) AS l
  JOIN public.task t ON t.id = l.task_id
  LEFT JOIN public.task_run r ON r.id = l.occurrence
 ORDER BY l.at DESC, l.occurrence
