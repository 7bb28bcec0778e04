-- Latest finished run of a task.
-- bind: task
SELECT r.id, r.task_id, r.lease_owner, r.leased_until, r.started_at, r.finished_at, r.success, r.error, r.attempt,
       r.output, r.created_at
  FROM public.task_run r
 WHERE r.task_id = $1::uuid
 ORDER BY r.started_at DESC NULLS LAST
 LIMIT 1
