-- Active workers, their throughput and leases, and owners of expired leases.
-- task: yes
--
-- A node of ordctl sends heartbeats as `ordctl:NODE` and leases as one of its lanes, `ordctl:NODE/0.1`.
WITH leases AS (
    SELECT regexp_replace(locked_by, '^(ordctl:[^/]*)/.*$', '\1') AS locked_by,
           count(*) FILTER (WHERE locked_until >= now()) AS held,
           count(*) FILTER (WHERE locked_until < now()) AS expired
      FROM public.due_work
     WHERE locked_by IS NOT NULL AND locked_until IS NOT NULL
     GROUP BY 1
), finished AS (
    SELECT regexp_replace(lease_owner, '^(ordctl:[^/]*)/.*$', '\1') AS lease_owner, count(*) AS runs
      FROM public.task_run
     WHERE started_at > now() - interval '1 hour' AND finished_at IS NOT NULL
     GROUP BY 1
)
SELECT coalesce(h.worker_id, l.locked_by) AS worker,
       EXTRACT(epoch FROM now() - h.last_seen)::float8 AS seen_seconds_ago,
       coalesce(h.processed_count, 0) AS processed,
       coalesce(f.runs, 0) / 60.0 AS per_minute,
       coalesce(l.held, 0) AS held,
       coalesce(l.expired, 0) AS expired
  FROM public.worker_heartbeat h
  FULL JOIN leases l ON l.locked_by = h.worker_id
  LEFT JOIN finished f ON f.lease_owner = coalesce(h.worker_id, l.locked_by)
 WHERE h.last_seen > now() - interval '5 minutes' OR l.expired > 0
 ORDER BY h.last_seen DESC NULLS LAST, 1
