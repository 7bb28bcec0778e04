-- before when are events too old, and which of those does work that waits still need?
-- bind: seconds
--
-- Work whose step has published an event may run that step again, and must find the event there, or
-- it publishes it twice. Its row is older than the event: events since the oldest row stay. What a
-- paused task has not begun yet does not count, or one such task would keep every event.
-- This reads the queue, once a sweep.
WITH limits AS MATERIALIZED (
    SELECT least(now() - make_interval(secs => $1::float8),
                 min(d.created_at) FILTER (WHERE d.parked IS DISTINCT FROM 'task' OR d.attempts > 0)) AS before
      FROM public.due_work d
)
SELECT l.before,
       ARRAY(SELECT DISTINCT e.id
               FROM (SELECT CASE WHEN d.event ->> 'id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                                 THEN (d.event ->> 'id')::uuid END AS id
                       FROM public.due_work d
                      WHERE d.event IS NOT NULL) AS waits
               JOIN ordctl.event e ON e.id = waits.id
              WHERE e.published_at < l.before) AS needed
  FROM limits l
