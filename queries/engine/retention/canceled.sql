-- Deletes due work of canceled tasks past an age that is not leased; upstream leaves such rows.
-- bind: seconds, limit
WITH old AS MATERIALIZED (
    SELECT d.id
      FROM public.due_work d
      JOIN public.task t ON t.id = d.task_id AND t.status = 'canceled'
     WHERE d.created_at < now() - make_interval(secs => $1::float8)
       AND d.run_at < now()
       AND (d.locked_until IS NULL OR d.locked_until < now())
       AND d.lease_token IS NULL
     ORDER BY d.run_at
     LIMIT $2::int
       FOR UPDATE OF d SKIP LOCKED
)
DELETE FROM public.due_work d USING old WHERE d.id = old.id
