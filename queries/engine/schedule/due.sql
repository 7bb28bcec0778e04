-- Schedules with a due occurrence, and edited ones.
-- bind: limit
SELECT s.task_id, s.cursor_at, s.changed_at, s.changed, t.schedule_kind::text AS kind, t.schedule_expr AS expr,
       t.timezone, t.status, t.created_at, t.catch_up, clock_timestamp() AS at
  FROM (SELECT task_id FROM ordctl.schedule WHERE changed
         UNION
        SELECT task_id FROM ordctl.schedule WHERE next_at <= now()
         LIMIT $1::int) AS due
  JOIN ordctl.schedule s ON s.task_id = due.task_id
  JOIN public.task t ON t.id = s.task_id
 WHERE NOT (SELECT held FROM ordctl.engine)
