-- Utilization of each active worker over the last seconds.
-- bind: seconds
--
-- A node of ordctl has several slots; a worker of upstream has one. A worker that is younger than the window is
-- measured from its first heartbeat.
WITH span AS (
    SELECT now() - make_interval(secs => $1::float8) AS begin
), slots AS (
    SELECT w.node, sum(coalesce(w.slots, 1)) AS slots
      FROM ordctl.worker w
     GROUP BY w.node
), spent AS (
    SELECT r.lease_owner AS owner,
           extract(epoch FROM least(e.at, now()) - greatest(r.started_at, span.begin)) AS seconds
      FROM span
      JOIN public.task_run r ON r.started_at > span.begin - interval '1 day' AND r.started_at <= now()
     CROSS JOIN LATERAL (SELECT coalesce(r.finished_at, CASE WHEN r.leased_until > now() THEN now() END) AS at) AS e
     WHERE e.at > span.begin
     UNION ALL
    -- A run in progress has no row in task_run yet.
    SELECT w.id, extract(epoch FROM now() - greatest(d.leased_at, span.begin))
      FROM span
     CROSS JOIN ordctl.worker w
      JOIN public.due_work d ON d.id = ANY (w.running) AND d.locked_by = w.id AND d.lease_token IS NOT NULL
), busy AS (
    SELECT regexp_replace(s.owner, '^(ordctl:[^/]*)/.*$', '\1') AS worker,
           sum(greatest(s.seconds, 0)) AS seconds, count(*) AS runs
      FROM spent s
     GROUP BY 1
), live AS (
    SELECT h.worker_id AS worker, coalesce(s.slots, 1) AS slots,
           extract(epoch FROM now() - greatest(h.created_at, span.begin)) AS seconds
      FROM span
     CROSS JOIN public.worker_heartbeat h
      LEFT JOIN slots s ON s.node = h.worker_id
     WHERE h.last_seen > now() - interval '2 minutes'
)
SELECT c.worker, c.slots::bigint AS slots, coalesce(b.runs, 0) AS runs,
       coalesce(b.seconds, 0)::float8 AS busy_seconds,
       (c.slots * c.seconds)::float8 AS slot_seconds
  FROM live c
  LEFT JOIN busy b ON b.worker = c.worker
 ORDER BY 1
