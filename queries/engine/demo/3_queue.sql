-- a plausible day, part 3: the queue, the workers and what was done by whom

-- Due, in work, left behind by a worker that has gone, and in the future.
INSERT INTO public.due_work (task_id, run_at, locked_until, locked_by, created_at)
SELECT format('00000000-0000-0000-0002-%s', lpad(task::text, 12, '0'))::uuid,
       now() + run_in, now() + locked_for, worker, now() + least(run_in, interval '0') - interval '5 seconds'
  FROM (
        SELECT t, - make_interval(secs => 3 * t), NULL::interval, NULL FROM generate_series(1, 6) AS t
        UNION ALL
        SELECT 20 + t, interval '-20 seconds', interval '40 seconds', 'worker-' || t FROM generate_series(1, 3) AS t
        UNION ALL
        SELECT 25, interval '-25 minutes', interval '-20 minutes', 'worker-4'
        UNION ALL
        SELECT 1 + t % 6, make_interval(mins => 5 * t), NULL, NULL FROM generate_series(1, 24) AS t
       ) AS w (task, run_in, locked_for, worker);

INSERT INTO public.worker_heartbeat (worker_id, last_seen, processed_count, pid, hostname, created_at)
SELECT 'worker-' || n,
       now() - CASE WHEN n = 4 THEN interval '21 minutes' ELSE make_interval(secs => n) END,
       CASE WHEN n = 4 THEN 118 ELSE 640 + 17 * n END,
       4000 + n,
       'node-' || 1 + n % 2,
       now() - interval '30 hours'
  FROM generate_series(1, 4) AS n;

INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details, at)
SELECT format('00000000-0000-0000-0001-%s', lpad((1 + n % 4)::text, 12, '0'))::uuid,
       (ARRAY['task.created', 'task.updated', 'task.paused', 'task.run_now', 'task.resumed'])[1 + n % 5],
       format('00000000-0000-0000-0002-%s', lpad((1 + n % 40)::text, 12, '0'))::uuid,
       jsonb_build_object('request_id', md5(n::text)),
       now() - interval '24 hours' * n / 120
  FROM generate_series(1, 120) AS n;
