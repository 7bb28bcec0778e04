-- Snoozed tasks: tasks whose schedule cursor lies in the future.
SELECT s.task_id AS id, s.cursor_at AS until
  FROM ordctl.schedule s
 WHERE s.cursor_at > now()
