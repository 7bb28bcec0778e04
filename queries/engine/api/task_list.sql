-- Tasks with their next occurrence, newest first.
-- bind: status, kind, limit
--
-- `before` and `after` are the neighbors of the ID: they tell how much of it is unique.
SELECT t.id, t.title, t.status, t.schedule_kind AS kind, t.schedule_expr AS expr, t.timezone, t.priority,
       CASE WHEN t.status = 'active' THEN coalesce(c.next_at, s.next_at) END AS next_at,
       coalesce(c.error, s.error) AS error,
       (SELECT n.id FROM public.task n WHERE n.id < t.id ORDER BY n.id DESC LIMIT 1) AS before,
       (SELECT n.id FROM public.task n WHERE n.id > t.id ORDER BY n.id LIMIT 1) AS after
  FROM (SELECT x.id, x.title, x.status, x.schedule_kind, x.schedule_expr, x.timezone, x.priority, x.created_at
          FROM public.task x
         WHERE ($1::text = '' OR x.status = $1::text)
           AND ($2::text = '' OR x.schedule_kind::text = $2::text)
         ORDER BY x.created_at DESC, x.id DESC
         LIMIT $3::int) AS t
  LEFT JOIN ordctl.schedule s ON s.task_id = t.id
  LEFT JOIN ordctl.condition c ON c.task_id = t.id
 ORDER BY t.created_at DESC, t.id DESC
