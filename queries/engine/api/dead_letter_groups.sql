-- Dead letters that were not retried, grouped by task and error, largest group first.
-- bind: task, error, since, until, limit
--
-- Errors that differ only in numbers and IDs are one group; the newest one stands for it.
-- OFFSET makes the server look up each run: it would read all runs to join them.
-- `before` and `after` are the neighbors of the example among all runs and dead letters: `runs show` opens it.
WITH running AS MATERIALIZED (
    SELECT d.occurrence AS id
      FROM ordctl.worker w
     CROSS JOIN LATERAL unnest(w.running) AS l (id)
      JOIN public.due_work d ON d.id = l.id AND d.locked_by = w.id AND d.lease_token IS NOT NULL
), failed AS (
    SELECT l.occurrence, l.task_id, l.at, split_part(r.error, E'\n', 1) AS error
      FROM ordctl.dead_letter l
      LEFT JOIN LATERAL (SELECT x.error FROM public.task_run x WHERE x.id = l.occurrence OFFSET 0) AS r ON true
     WHERE l.retried_at IS NULL
       AND ($1::text = '' OR l.task_id = nullif($1::text, '')::uuid)
       AND ($2::text = '' OR position(lower($2::text) IN lower(split_part(r.error, E'\n', 1))) > 0)
       AND ($3::text = '' OR l.at >= nullif($3::text, '')::timestamptz)
       AND ($4::text = '' OR l.at < nullif($4::text, '')::timestamptz)
), grouped AS (
    SELECT f.task_id, count(*) AS count, min(f.at) AS first_at, max(f.at) AS last_at,
           (array_agg(f.occurrence ORDER BY f.at DESC, f.occurrence))[1] AS example,
           (array_agg(f.error ORDER BY f.at DESC, f.occurrence))[1] AS error
      FROM failed f
     GROUP BY f.task_id, regexp_replace(f.error, '[0-9a-f-]*[0-9][0-9a-f-]*', '0', 'g')
     ORDER BY count DESC, last_at DESC
     LIMIT $5::int
)
SELECT g.task_id, t.title, t.status, g.count, g.first_at, g.last_at, g.error, g.example,
       greatest((SELECT n.occurrence FROM ordctl.dead_letter n WHERE n.occurrence < g.example
                  ORDER BY n.occurrence DESC LIMIT 1),
                (SELECT n.id FROM public.task_run n WHERE n.id < g.example ORDER BY n.id DESC LIMIT 1),
                (SELECT n.id FROM running n WHERE n.id < g.example ORDER BY n.id DESC LIMIT 1)) AS before,
       least((SELECT n.occurrence FROM ordctl.dead_letter n WHERE n.occurrence > g.example
               ORDER BY n.occurrence LIMIT 1),
             (SELECT n.id FROM public.task_run n WHERE n.id > g.example ORDER BY n.id LIMIT 1),
             (SELECT n.id FROM running n WHERE n.id > g.example ORDER BY n.id LIMIT 1)) AS after
  FROM grouped g
  JOIN public.task t ON t.id = g.task_id
 ORDER BY g.count DESC, g.last_at DESC, t.title, g.example
