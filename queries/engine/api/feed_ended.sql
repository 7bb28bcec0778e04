-- Ended runs that started recently, latest start first.
-- bind: since, before_at, before_id, limit
SELECT r.id, r.task_id, r.lease_owner, r.leased_until, r.started_at, r.finished_at, r.success, r.error,
       r.attempt, NULL::jsonb AS output, r.created_at, coalesce(r.occurrence, r.id) AS occurrence,
       t.created_by AS owner
  FROM public.task_run r
  JOIN public.task t ON t.id = r.task_id
 WHERE r.started_at > $1::timestamptz
   AND (r.started_at, r.id) < ($2::timestamptz, $3::uuid)
   AND r.success IS NOT NULL
 ORDER BY r.started_at DESC, r.id DESC
 LIMIT $4::int
