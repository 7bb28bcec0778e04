-- Age limit of events, and the expired events that queued work still needs.
-- bind: seconds
--
-- A step that published an event may run again and must find the event, or it would publish it twice. Its due_work
-- row is older than the event, so events since the oldest row stay. Work of a paused task that has not started does
-- not count, or one such task would keep every event. This scans the queue once per sweep.
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
