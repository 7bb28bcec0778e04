-- of which tasks is everything dealt with up to an instant that is yet to come? (they were snoozed)
SELECT s.task_id AS id, s.cursor_at AS until
  FROM ordctl.schedule s
 WHERE s.cursor_at > now()
