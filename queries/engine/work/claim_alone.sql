-- Leases one row that must run alone and commits its start.
-- bind: worker, lease, token, running
WITH picked AS MATERIALIZED (
    SELECT w.id, w.concurrency_key
      FROM public.due_work w
     WHERE w.parked = 'alone' AND w.run_at <= now() AND w.lease_token IS NULL
       AND NOT (SELECT held FROM ordctl.engine)
     ORDER BY w.priority, w.run_at, w.id
     LIMIT 1
       FOR UPDATE SKIP LOCKED
), taken AS (
    INSERT INTO ordctl.slot AS s (key, due_work_id)
    SELECT concurrency_key, id FROM picked WHERE concurrency_key IS NOT NULL
    ON CONFLICT (key) DO UPDATE SET waiters = s.waiters + 1
    RETURNING s.due_work_id
), parked AS (
    UPDATE public.due_work d
       SET parked = 'key'
      FROM picked p
     WHERE d.id = p.id AND p.concurrency_key IS NOT NULL AND p.id NOT IN (SELECT due_work_id FROM taken)
), leased AS (
    UPDATE public.due_work d
       SET locked_until = now() + make_interval(secs => $2::float8),
           locked_by = $1::text,
           leased_at = clock_timestamp(),
           lease_token = $3::uuid
      FROM picked p
     WHERE d.id = p.id
       AND (p.concurrency_key IS NULL OR p.id IN (SELECT due_work_id FROM taken))
    RETURNING d.id, d.task_id, d.lease_token, d.leased_at, d.scheduled_at, d.run_at, d.occurrence,
              d.attempts, d.concurrency_key, d.event, d.priority
), started AS (
    UPDATE ordctl.worker
       SET running = $4::bigint[] || ARRAY(SELECT id FROM leased)
     WHERE id = $1::text AND EXISTS (SELECT FROM picked)
    RETURNING id
)
SELECT l.id, l.task_id, l.lease_token, l.leased_at, l.scheduled_at, l.run_at, l.occurrence,
       l.attempts, l.concurrency_key, l.event, l.priority,
       (SELECT t.xmin::text::bigint FROM public.task t WHERE t.id = l.task_id) AS version,
       EXISTS (SELECT FROM started) AS member
  FROM leased l
