-- Runs of acting runbooks and changes, newest first, with their steps.
-- bind: low, high, since, limit
--
-- A run whose process was killed stays 'running' in its row: it runs only while a session holds the lock for acting
-- runs. A change takes no lock, and takes no longer than a few minutes.
SELECT o.id, o.runbook AS name, o.params, o.os_user AS user, o.host, o.started_at, o.finished_at,
       CASE WHEN o.status = 'running' AND o.started_at < now() - interval '10 minutes' AND NOT l.locked
            THEN 'interrupted' ELSE o.status END AS outcome,
       (SELECT a.details ->> 'reason' FROM public.audit_log a
         WHERE a.action = 'ordctl.run.begun' AND a.subject_id = o.id AND a.at >= o.started_at LIMIT 1) AS reason,
       coalesce(s.steps, '[]') AS steps
  FROM (SELECT *
          FROM ordctl.operation
         WHERE id BETWEEN $1::text::uuid AND $2::text::uuid
           AND ($3::text = '' OR started_at >= nullif($3::text, '')::timestamptz)
         ORDER BY started_at DESC
         LIMIT $4::text::int) AS o
 CROSS JOIN (SELECT EXISTS (SELECT FROM pg_catalog.pg_locks
                             WHERE locktype = 'advisory'
                               AND database = (SELECT oid FROM pg_catalog.pg_database
                                                WHERE datname = pg_catalog.current_database())
                               AND (classid::bigint << 32 | objid::bigint) = x'6f726463746c'::bigint
                               AND objsubid = 1
                               AND granted) AS locked) AS l
 CROSS JOIN LATERAL (
       SELECT jsonb_agg(jsonb_build_object(
                  'id', p.step_id, 'uses', p.uses, 'outcome', coalesce(p.status, 'interrupted'),
                  'started_at', p.started_at, 'finished_at', p.finished_at, 'error', left(p.error, 4000),
                  -- A large result is data for later steps.
                  'result', CASE WHEN pg_column_size(p.result) < 4000 THEN p.result END,
                  'calls', CASE WHEN pg_column_size(p.calls) < 16000 THEN p.calls ELSE '[]' END) ORDER BY p.position) AS steps
         FROM ordctl.operation_step p
        WHERE p.operation_id = o.id) AS s
 ORDER BY o.started_at DESC
