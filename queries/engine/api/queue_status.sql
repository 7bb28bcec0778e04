-- The queue by state, with dead letters, workers and broken schedules.
SELECT (SELECT array_agg((SELECT count(*) FROM public.due_work d
                           WHERE d.priority = p AND d.parked IS NULL AND d.run_at <= now() AND d.lease_token IS NULL)
                         ORDER BY p)
          FROM generate_series(1, 9) AS p) AS due,
       extract(epoch FROM now() - min(d.run_at)
               FILTER (WHERE d.parked IS NULL AND d.run_at <= now() AND d.lease_token IS NULL))::float8 AS oldest_seconds,
       count(*) FILTER (WHERE d.lease_token IS NOT NULL) AS running,
       count(*) FILTER (WHERE d.parked = 'key') AS waiting_for_key,
       count(*) FILTER (WHERE d.parked = 'task') AS of_paused_tasks,
       count(*) FILTER (WHERE d.parked = 'alone') AS alone,
       count(*) FILTER (WHERE d.parked IS NULL AND d.run_at > now() AND d.attempts = 0) AS later,
       count(*) FILTER (WHERE d.parked IS NULL AND d.run_at > now() AND d.attempts > 0) AS retrying,
       (SELECT count(*) FROM ordctl.dead_letter WHERE retried_at IS NULL) AS dead_letters,
       (SELECT count(*) FROM ordctl.worker WHERE lease_until > now()) AS workers,
       (SELECT count(DISTINCT node) FROM ordctl.worker WHERE lease_until > now()) AS nodes,
       (SELECT count(*) FROM ordctl.schedule WHERE error IS NOT NULL) AS broken_schedules
  FROM public.due_work d
