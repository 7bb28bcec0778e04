-- Number of dead letters by task that were not retried.
-- bind: task, error, since, until
SELECT t.id, t.title, t.status, count(*) AS dead_letters
  FROM ordctl.dead_letter l
  JOIN public.task t ON t.id = l.task_id
 WHERE l.retried_at IS NULL
   AND ($1::text = '' OR l.task_id = nullif($1::text, '')::uuid)
   AND ($2::text = '' OR EXISTS (SELECT FROM public.task_run r
                                  WHERE r.id = l.occurrence
                                    AND position(lower($2::text) IN lower(split_part(r.error, E'\n', 1))) > 0))
   AND ($3::text = '' OR l.at >= nullif($3::text, '')::timestamptz)
   AND ($4::text = '' OR l.at < nullif($4::text, '')::timestamptz)
 GROUP BY t.id
 ORDER BY dead_letters DESC, t.title, t.id
