-- Nodes of ordctl and workers of upstream, with their current work.
--
-- A node sends heartbeats under its name and leases under the names of its lanes; a worker of upstream uses one
-- name for both.
WITH nodes AS (
    SELECT w.node, count(*) AS lanes, min(w.lease_until) > now() AS held,
           sum((SELECT count(*) FROM public.due_work d
                 WHERE d.id = ANY (w.running) AND d.locked_by = w.id AND d.lease_token IS NOT NULL)) AS running
      FROM ordctl.worker w
     GROUP BY w.node
)
SELECT coalesce(n.node, h.worker_id) AS worker,
       CASE WHEN coalesce(n.node, h.worker_id) LIKE 'ordctl:%' THEN 'ordctl' ELSE 'upstream' END AS kind,
       h.hostname AS host, h.pid, n.lanes,
       coalesce(n.running, (SELECT count(*) FROM public.due_work d
                             WHERE d.locked_by = h.worker_id AND d.locked_until > now()))::bigint AS running,
       h.processed_count AS processed, h.last_seen,
       CASE WHEN n.held THEN 'held' WHEN NOT n.held THEN 'ended' END AS lease
  FROM nodes n
  FULL JOIN public.worker_heartbeat h ON h.worker_id = n.node
 ORDER BY kind, h.last_seen DESC NULLS LAST, 1
