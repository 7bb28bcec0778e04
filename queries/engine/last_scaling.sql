-- Last change of a service's number of instances, and the run that made it.
-- bind: service
--
-- A failed or unfinished step may have changed the number and counts; a step that changed nothing does not. A step
-- without a result may belong to another service; it counts too.
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
