-- Claims due conditions, a limited number of each kind, each with a new token and a lease.
-- bind: limits, seconds
--
-- `limits` are those of query, promql and runbook; an unknown kind counts as query. A condition claimed since it
-- was read has a later next_at and is skipped. The row lock on the task keeps its expression unchanged until the
-- commit; a task that is being edited is skipped. Rows are locked in the order of their IDs.
WITH due AS (
    SELECT d.id, d.expr, k.kind
      FROM (VALUES ('query', ($1::int[])[1]), ('promql', ($1::int[])[2]), ('runbook', ($1::int[])[3])) AS k (kind, room)
     CROSS JOIN LATERAL (
               SELECT t.id, coalesce(t.schedule_expr, '') AS expr
                 FROM public.task t
                 LEFT JOIN ordctl.condition c ON c.task_id = t.id
                WHERE t.schedule_kind = 'condition'
                  AND t.status = 'active'
                  AND coalesce(substring(t.schedule_expr FROM '^\s*(promql|runbook):'), 'query') = k.kind
                  AND NOT (SELECT held FROM ordctl.engine)
                  AND (c.task_id IS NULL OR c.next_at <= now() OR c.expr <> coalesce(t.schedule_expr, ''))
                ORDER BY c.next_at NULLS FIRST
                LIMIT k.room
                  FOR SHARE OF t SKIP LOCKED) AS d
), taken AS (
    INSERT INTO ordctl.condition AS c (task_id, expr, next_at, token)
    SELECT id, expr, now() + make_interval(secs => $2::float8), gen_random_uuid()
      FROM due
     ORDER BY id
    ON CONFLICT (task_id) DO UPDATE
       SET expr = EXCLUDED.expr,
           next_at = EXCLUDED.next_at,
           token = EXCLUDED.token,
           since = CASE WHEN c.expr = EXCLUDED.expr THEN c.since END,
           fired = c.fired AND c.expr = EXCLUDED.expr,
           error = CASE WHEN c.expr = EXCLUDED.expr THEN c.error END
     WHERE c.next_at <= now() OR c.expr <> EXCLUDED.expr
    RETURNING c.task_id, c.expr, c.token, c.since, c.fired, c.error, c.checked_at
)
SELECT x.task_id, x.expr, d.kind, x.token, x.since, x.fired, x.error, x.checked_at, now() AS at
  FROM taken x
  JOIN due d ON d.id = x.task_id
