-- a plausible day, part 2: two thousand runs of the last 24 hours, some of them failed
INSERT INTO public.task_run
       (id, task_id, lease_owner, leased_until, started_at, finished_at, success, error, attempt, output, created_at)
SELECT format('00000000-0000-0000-0003-%s', lpad(n::text, 12, '0'))::uuid,
       format('00000000-0000-0000-0002-%s', lpad((1 + n % 40)::text, 12, '0'))::uuid,
       'worker-' || 1 + n % 3,
       started_at + interval '60 seconds',
       started_at,
       started_at + took,
       success,
       CASE WHEN NOT success THEN
           (ARRAY['step call: timed out after 20 s', 'step call: 503 Service Unavailable', 'step call: connection refused'])[1 + n % 3]
       END,
       CASE WHEN success THEN 1 + (n % 29 = 0)::int ELSE 2 END,
       CASE WHEN success THEN jsonb_build_object('call', jsonb_build_object('status', 200)) END,
       started_at - interval '80 milliseconds'
  FROM (SELECT n,
               -- More by day than by night.
               now() - interval '24 hours' * power(random(), 1.2) - interval '1 minute' AS started_at,
               interval '1 second' * (0.15 - ln(1 - random()) * 0.9) AS took,
               random() >= 0.03 AS success
          FROM generate_series(1, 2000) AS n) AS r;
