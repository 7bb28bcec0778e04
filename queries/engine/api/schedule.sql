-- where does this task's schedule stand?
-- bind: task
SELECT s.next_at, s.cursor_at, s.error FROM ordctl.schedule s WHERE s.task_id = $1::uuid
