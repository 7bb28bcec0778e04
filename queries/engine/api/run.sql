-- A run, finished or in progress.
-- bind: id, owner
SELECT r.id, r.task_id, r.lease_owner, r.leased_until, r.started_at, r.finished_at, r.success, r.error, r.attempt,
       r.output, r.created_at
  FROM public.task_run r
 WHERE r.id = $1::uuid AND ($2::text = '' OR r.task_id IN (SELECT t.id FROM public.task t WHERE t.created_by = nullif($2::text, '')::uuid))
 UNION ALL
SELECT d.occurrence, d.task_id, d.locked_by, d.locked_until, d.leased_at, NULL, NULL, NULL, d.attempts + 1, NULL,
       d.created_at
  FROM public.due_work d
 WHERE d.occurrence = $1::uuid AND d.lease_token IS NOT NULL
   AND ($2::text = '' OR d.task_id IN (SELECT t.id FROM public.task t WHERE t.created_by = nullif($2::text, '')::uuid))
