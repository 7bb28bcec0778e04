-- Leases the next rows to a worker and commits their start.
-- bind: worker, limit, lease, tokens, running, mark_times, mark_ids
--
-- The cursor (mark_times, mark_ids) is the position up to which this node has claimed in each priority, so that
-- claimed rows and dead tuples before it are not read again.
-- Each priority is an index range of its own, read up to now. A row whose concurrency key is taken is parked; the
-- lock on the key's slot makes the session that frees the key wait for the commit, and so see the parked row. A
-- locked row does not move, so its ctid identifies it as well as its key does, and faster.
WITH picked AS MATERIALIZED (
    SELECT c.id, c.place, c.concurrency_key, row_number() OVER () AS n
      FROM (SELECT d.id, d.place, d.concurrency_key
              FROM generate_series(1, 9) AS p (priority)
             CROSS JOIN LATERAL (
                       SELECT w.id, w.ctid AS place, w.concurrency_key
                         FROM public.due_work w
                        WHERE w.priority = p.priority AND w.parked IS NULL AND w.run_at <= now()
                          AND (w.run_at, w.id) > (($6::timestamptz[])[p.priority], ($7::bigint[])[p.priority])
                          AND w.lease_token IS NULL
                          AND (w.locked_until IS NULL OR w.locked_until <= now())
                        ORDER BY w.run_at, w.id
                        LIMIT $2::int
                          FOR UPDATE SKIP LOCKED) AS d
             WHERE NOT (SELECT held FROM ordctl.engine)
             LIMIT $2::int) AS c
), wanted AS (
    SELECT DISTINCT ON (concurrency_key) concurrency_key AS key, id
      FROM picked
     WHERE concurrency_key IS NOT NULL
     ORDER BY concurrency_key, n
), taken AS (
    INSERT INTO ordctl.slot AS s (key, due_work_id)
    SELECT key, id FROM wanted ORDER BY key
    ON CONFLICT (key) DO UPDATE SET waiters = s.waiters + 1
    RETURNING s.due_work_id
), parked AS (
    UPDATE public.due_work d
       SET parked = 'key'
      FROM picked p
     WHERE d.id = p.id AND p.concurrency_key IS NOT NULL AND p.id NOT IN (SELECT due_work_id FROM taken)
), leased AS (
    UPDATE public.due_work d
       SET locked_until = now() + make_interval(secs => $3::float8),
           locked_by = $1::text,
           leased_at = clock_timestamp(),
           lease_token = ($4::uuid[])[p.n]
      FROM picked p
     WHERE d.ctid = p.place
       AND (p.concurrency_key IS NULL OR p.id IN (SELECT due_work_id FROM taken))
    RETURNING d.id, d.task_id, d.lease_token, d.leased_at, d.scheduled_at, d.run_at, d.occurrence,
              d.attempts, d.concurrency_key, d.event, d.priority
), started AS (
    UPDATE ordctl.worker
       SET running = $5::bigint[] || ARRAY(SELECT id FROM leased)
     WHERE id = $1::text AND EXISTS (SELECT FROM picked)
    RETURNING id
)
SELECT l.id, l.task_id, l.lease_token, l.leased_at, l.scheduled_at, l.run_at, l.occurrence,
       l.attempts, l.concurrency_key, l.event, l.priority,
       (SELECT t.xmin::text::bigint FROM public.task t WHERE t.id = l.task_id) AS version,
       EXISTS (SELECT FROM started) AS member
  FROM leased l
