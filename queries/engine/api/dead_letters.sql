-- Dead letters that were not retried, newest first.
-- bind: task, error, since, until, limit
--
-- `before` and `after` are the neighbors of the ID: they tell how much of it is unique.
SELECT l.occurrence, l.task_id, t.title, t.status, l.scheduled_at, l.attempts, l.at, l.error,
       (SELECT n.occurrence FROM ordctl.dead_letter n WHERE n.occurrence < l.occurrence
         ORDER BY n.occurrence DESC LIMIT 1) AS before,
       (SELECT n.occurrence FROM ordctl.dead_letter n WHERE n.occurrence > l.occurrence
         ORDER BY n.occurrence LIMIT 1) AS after
  FROM (SELECT x.occurrence, x.task_id, x.scheduled_at, x.at, r.attempt AS attempts,
               split_part(r.error, E'\n', 1) AS error
          FROM ordctl.dead_letter x
          LEFT JOIN public.task_run r ON r.id = x.occurrence
         WHERE x.retried_at IS NULL
           AND ($1::text = '' OR x.task_id = nullif($1::text, '')::uuid)
           AND ($2::text = '' OR position(lower($2::text) IN lower(split_part(r.error, E'\n', 1))) > 0)
           AND ($3::text = '' OR x.at >= nullif($3::text, '')::timestamptz)
           AND ($4::text = '' OR x.at < nullif($4::text, '')::timestamptz)
         ORDER BY x.at DESC, x.occurrence
         LIMIT $5::int) AS l
  JOIN public.task t ON t.id = l.task_id
 ORDER BY l.at DESC, l.occurrence
