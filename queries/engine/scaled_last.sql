-- when was the number of a service's containers changed last, and by which run?
-- bind: service
--
-- A run that failed or is still at it may have changed some; one that found nothing to do has not. Of a
-- step without a result it is not always known which service it was about: then it counts.
SELECT extract(epoch FROM now() - coalesce(s.finished_at, s.started_at, o.started_at))::float8 AS seconds_ago,
       format('%s by %s on %s', o.runbook, o.os_user, o.host) AS by,
       (s.result ->> 'from')::int AS "from", (s.result ->> 'to')::int AS "to"
  FROM ordctl.operation_step s
  JOIN ordctl.operation o ON o.id = s.operation_id
 WHERE s.uses = 'service.scale' AND s.status <> 'skipped'
   AND o.started_at > now() - interval '2 days'
   AND coalesce(s.result ->> 'service', o.params ->> 'service', $1::text) = $1::text
   AND (s.result ->> 'from' IS NULL OR s.result ->> 'from' <> s.result ->> 'to')
 ORDER BY 1
 LIMIT 1
