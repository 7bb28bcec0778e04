-- IDs of a task's runs in progress, longest first.
-- bind: task, limit
SELECT d.occurrence
  FROM ordctl.worker w
 CROSS JOIN LATERAL unnest(w.running) AS l (id)
  JOIN public.due_work d ON d.id = l.id AND d.locked_by = w.id AND d.lease_token IS NOT NULL
 WHERE d.task_id = $1::uuid
 ORDER BY d.leased_at, d.occurrence
 LIMIT $2::int
