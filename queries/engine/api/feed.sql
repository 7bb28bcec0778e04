-- Runs in progress, and those of `gone` that have ended.
-- bind: gone
--
-- `gone` are runs seen in progress before: they have ended if task_run has a row, whatever their start.
SELECT d.occurrence AS id, d.task_id, d.locked_by AS lease_owner, d.locked_until AS leased_until,
       d.leased_at AS started_at, NULL::timestamptz AS finished_at, NULL::bool AS success, NULL::text AS error,
       d.attempts + 1 AS attempt, NULL::jsonb AS output, d.created_at, d.occurrence, t.created_by AS owner
  FROM ordctl.worker w
 CROSS JOIN LATERAL unnest(w.running) AS x (id)
  JOIN public.due_work d ON d.id = x.id AND d.locked_by = w.id AND d.lease_token IS NOT NULL
  JOIN public.task t ON t.id = d.task_id
 UNION ALL
SELECT r.id, r.task_id, r.lease_owner, r.leased_until, r.started_at, r.finished_at, r.success, r.error,
       r.attempt, NULL, r.created_at, coalesce(r.occurrence, r.id), t.created_by
  FROM jsonb_to_recordset($1::jsonb) AS g (task_id uuid, started_at timestamptz)
  JOIN public.task_run r ON r.task_id = g.task_id AND r.started_at = g.started_at AND r.success IS NOT NULL
  JOIN public.task t ON t.id = r.task_id
