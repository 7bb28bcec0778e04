-- Values of the gauges that only the database knows.
SELECT coalesce((SELECT greatest(extract(epoch FROM now() - min(s.next_at)), 0) FROM ordctl.schedule s
                  WHERE s.next_at <= now()), 0)::float8 AS lag_seconds,
       coalesce((SELECT extract(epoch FROM now() - e.published_at) FROM ordctl.event e
                  WHERE e.stream_id IS NULL ORDER BY e.seq LIMIT 1), 0)::float8 AS outbox_seconds,
       (SELECT count(*) FROM public.worker_heartbeat WHERE last_seen > now() - interval '60 seconds') AS active_workers,
       (SELECT array_agg((SELECT count(*) FROM public.due_work d
                           WHERE d.priority = p AND d.parked IS NULL AND d.run_at <= now() AND d.lease_token IS NULL)
                         ORDER BY p)
          FROM generate_series(1, 9) AS p) AS depth,
       count(*) FILTER (WHERE t.status = 'active') AS active,
       count(*) FILTER (WHERE t.status = 'paused') AS paused,
       count(*) FILTER (WHERE t.status = 'canceled') AS canceled
  FROM public.task t
