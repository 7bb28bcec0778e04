-- a plausible day, part 1: four agents and forty tasks of every kind and state
SELECT setseed(0.42);

INSERT INTO public.agent (id, name, scopes, webhook_url, created_at)
SELECT format('00000000-0000-0000-0001-%s', lpad(n::text, 12, '0'))::uuid,
       name, scopes::text[], webhook_url, now() - interval '90 days'
  FROM (VALUES
           (1, 'reports', '{tasks:read,tasks:write,runs:read}', NULL),
           (2, 'billing', '{tasks:read,tasks:write,events:write}', 'https://billing.example/hooks/tasks'),
           (3, 'monitoring', '{tasks:read,runs:read}', NULL),
           (4, 'assistant', '{tasks:read,tasks:write,events:write,runs:read}', NULL)
       ) AS a (n, name, scopes, webhook_url);

INSERT INTO public.task
       (id, title, description, created_by, schedule_kind, schedule_expr, timezone, payload, status,
        priority, dedupe_key, dedupe_window_seconds, max_retries, backoff_strategy, concurrency_key, created_at)
SELECT format('00000000-0000-0000-0002-%s', lpad(n::text, 12, '0'))::uuid,
       format('%s %s', what, n),
       format('%s for team %s', what, 1 + n % 5),
       format('00000000-0000-0000-0001-%s', lpad((1 + n % 4)::text, 12, '0'))::uuid,
       kind::public.schedule_kind,
       CASE kind
           WHEN 'cron' THEN (ARRAY['*/5 * * * *', '*/15 * * * *', '0 * * * *', '30 6 * * 1-5'])[1 + n / 5 % 4]
           WHEN 'rrule' THEN (ARRAY['FREQ=HOURLY;INTERVAL=2', 'FREQ=DAILY;BYHOUR=7;BYMINUTE=0;BYSECOND=0'])[1 + n / 5 % 2]
           WHEN 'once' THEN to_char((now() + make_interval(hours => n)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
           WHEN 'event' THEN (ARRAY['invoice.paid', 'user.signed_up'])[1 + n / 5 % 2]
           ELSE 'steps.probe.value > `10`'
       END,
       (ARRAY['Europe/Chisinau', 'UTC', 'Europe/Berlin'])[1 + n % 3],
       jsonb_build_object('pipeline', jsonb_build_array(jsonb_build_object(
           'id', 'call', 'uses', 'http.request',
           'with', jsonb_build_object('url', format('https://%s.example/run/%s', team, n)),
           'timeout_seconds', 20)) || CASE WHEN n % 3 = 0 THEN
           '[{"id": "pause", "uses": "wait.for", "with": {"seconds": 1}}]'::jsonb ELSE '[]' END),
       CASE WHEN n IN (7, 19, 31) THEN 'paused' WHEN n IN (13, 38) THEN 'canceled' ELSE 'active' END,
       1 + (n * 7) % 9,
       CASE WHEN n % 8 = 0 THEN 'demo-' || n END,
       CASE WHEN n % 8 = 0 THEN 300 ELSE 0 END,
       n % 4,
       (ARRAY['exponential_jitter', 'linear', 'fixed'])[1 + n % 3],
       CASE WHEN n % 10 = 0 THEN 'ledger' END,
       now() - make_interval(days => 2 + n)
  FROM generate_series(1, 40) AS n,
       LATERAL (SELECT (ARRAY['cron', 'cron', 'rrule', 'event', CASE WHEN n % 10 = 4 THEN 'once' ELSE 'condition' END])[1 + n % 5]) AS k (kind),
       LATERAL (SELECT (ARRAY['Daily report', 'Invoice run', 'Mail digest', 'Cache refresh', 'Search index'])[1 + n / 8 % 5]) AS w (what),
       LATERAL (SELECT (ARRAY['reports', 'billing', 'mail', 'cache'])[1 + n % 4]) AS t (team);
