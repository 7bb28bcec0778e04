-- Progress of every loop on every node, overdue schedules and the event outbox.
--
-- A schedule is also overdue when no scheduler has read the task since it was created or edited.
-- Ordinaut's own workers do the work while they send heartbeats: the names of ordctl's begin with `ordctl:`.
WITH overdue AS MATERIALIZED (
    SELECT s.task_id, extract(epoch FROM now() - coalesce(s.next_at, s.changed_at))::float8 AS seconds
      FROM (SELECT task_id, next_at, changed_at FROM ordctl.schedule WHERE next_at < now() - interval '30 seconds'
             UNION
            SELECT task_id, NULL, changed_at FROM ordctl.schedule
             WHERE changed AND changed_at < now() - interval '30 seconds'
             LIMIT 1000) AS s
      JOIN public.task t ON t.id = s.task_id
     WHERE t.status = 'active' AND t.schedule_kind IN ('cron', 'rrule', 'once')
)
SELECT (SELECT held FROM ordctl.engine) AS is_held,
       EXISTS (SELECT FROM public.worker_heartbeat
                WHERE last_seen > now() - interval '60 seconds' AND worker_id NOT LIKE 'ordctl:%') AS has_upstream_workers,
       coalesce((SELECT jsonb_agg(jsonb_build_object(
                            'node', node, 'loop', loop, 'is_ok', is_ok, 'error', error,
                            'age_seconds', extract(epoch FROM now() - succeeded_at)) ORDER BY node, loop)
                   FROM ordctl.loop_progress
                  WHERE reported_at > now() - interval '20 seconds'), '[]') AS loops,
       EXISTS (SELECT FROM ordctl.schedule s
                 JOIN public.task t ON t.id = s.task_id
                WHERE (s.next_at IS NOT NULL OR s.changed)
                  AND t.status = 'active' AND t.schedule_kind IN ('cron', 'rrule', 'once'))
       OR EXISTS (SELECT FROM public.task WHERE schedule_kind = 'condition' AND status = 'active') AS has_schedules,
       EXISTS (SELECT FROM public.due_work
                WHERE parked IS NULL AND run_at < now() - interval '5 seconds' AND lease_token IS NULL) AS has_due_work,
       (SELECT count(*) FROM overdue) AS overdue,
       (SELECT max(seconds) FROM overdue) AS overdue_seconds,
       (SELECT t.title FROM overdue o JOIN public.task t ON t.id = o.task_id
         ORDER BY o.seconds DESC LIMIT 1) AS overdue_title,
       (SELECT count(*) FROM (SELECT FROM ordctl.event WHERE stream_id IS NULL LIMIT 10000) AS e) AS outbox,
       (SELECT extract(epoch FROM now() - e.published_at)::float8
          FROM ordctl.event e WHERE e.stream_id IS NULL ORDER BY e.seq LIMIT 1) AS outbox_seconds
