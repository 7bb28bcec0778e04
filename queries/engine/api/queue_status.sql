-- Work that waits and why, with dead letters, workers and broken schedules; queue_depth.sql has the rest of the queue.
SELECT count(*) FILTER (WHERE d.parked = 'key') AS waiting_for_key,
       count(*) FILTER (WHERE d.parked = 'task') AS of_paused_tasks,
       count(*) FILTER (WHERE d.parked = 'alone') AS alone,
       count(*) FILTER (WHERE d.parked IS NULL AND d.run_at > now() AND d.attempts = 0) AS later,
       count(*) FILTER (WHERE d.parked IS NULL AND d.run_at > now() AND d.attempts > 0) AS retrying,
       (SELECT count(*) FROM ordctl.dead_letter WHERE retried_at IS NULL) AS dead_letters,
       (SELECT count(*) FROM ordctl.worker WHERE lease_until > now()) AS workers,
       (SELECT count(DISTINCT node) FROM ordctl.worker WHERE lease_until > now()) AS nodes,
       (SELECT count(*) FROM ordctl.schedule WHERE error IS NOT NULL) AS broken_schedules
  FROM public.due_work d
