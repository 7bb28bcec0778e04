-- State of the schedule of a task.
-- bind: task
SELECT coalesce(c.next_at, s.next_at) AS next_at, s.cursor_at, coalesce(c.error, s.error) AS error,
       CASE WHEN c.task_id IS NOT NULL
            THEN jsonb_build_object('since', c.since, 'fired', c.fired, 'value', c.value, 'checked_at', c.checked_at)
       END AS condition
  FROM ordctl.schedule s
  LEFT JOIN ordctl.condition c ON c.task_id = s.task_id
 WHERE s.task_id = $1::uuid
