-- Duration and number of the runs of the last hour, and the slots of the active workers.
--
-- A node of ordctl has several slots; a worker of upstream has one.
WITH slots AS (
    SELECT w.node, sum(coalesce(w.slots, 1)) AS slots
      FROM ordctl.worker w
     GROUP BY w.node
), live AS (
    SELECT count(*) AS workers, coalesce(sum(coalesce(s.slots, 1)), 0) AS slots
      FROM public.worker_heartbeat h
      LEFT JOIN slots s ON s.node = h.worker_id
     WHERE h.last_seen > now() - interval '2 minutes'
), ended AS (
    SELECT r.finished_at AS at, extract(epoch FROM r.finished_at - r.started_at)::float8 AS seconds
      FROM public.task_run r
     WHERE r.started_at > now() - interval '1 day' AND r.started_at <= r.finished_at
       AND r.finished_at > now() - interval '1 hour'
), minutes AS (
    SELECT count(*) AS runs FROM ended GROUP BY date_trunc('minute', at)
)
SELECT live.workers, live.slots::bigint AS slots,
       (SELECT count(*) FROM ended) AS runs,
       (SELECT coalesce(sum(seconds), 0) FROM ended) AS busy_seconds,
       (SELECT coalesce(max(runs), 0) FROM minutes) AS busiest_minute,
       (SELECT count(*) FROM public.task_run r WHERE r.started_at > now() - interval '1 hour') AS begun
  FROM live
