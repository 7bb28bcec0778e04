-- Runs whose IDs lie between two IDs, finished or in progress.
-- bind: low, high
SELECT x.id, t.title, x.at,
       CASE WHEN x.success THEN 'ok' WHEN NOT x.success THEN 'failed' ELSE 'running' END AS status
  FROM ((SELECT r.id, r.task_id, r.started_at AS at, r.success
           FROM public.task_run r
          WHERE r.id BETWEEN $1::uuid AND $2::uuid
          ORDER BY r.id
          LIMIT 20)
         UNION ALL
        (SELECT d.occurrence, d.task_id, d.leased_at, NULL
           FROM public.due_work d
          WHERE d.occurrence BETWEEN $1::uuid AND $2::uuid AND d.lease_token IS NOT NULL
          ORDER BY d.occurrence
          LIMIT 20)) AS x
  JOIN public.task t ON t.id = x.task_id
 ORDER BY x.id
 LIMIT 20
