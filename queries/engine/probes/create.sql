-- Creates marked probe tasks that do nothing and run once each.
-- bind: run, count, lead, spacing
--
-- Uses only the columns of upstream. The creator is the system agent; the audit log records the run, not each task.
WITH made AS (
    INSERT INTO public.task (title, description, created_by, schedule_kind, schedule_expr, timezone, payload, max_retries)
    SELECT format('ordctl baseline probe %s of %s', n, $2::int),
           'Measures the start delay of tasks. `ordctl baseline` removes it.',
           '00000000-0000-0000-0000-000000000001', 'once',
           to_char((now() + make_interval(secs => $3::float8 + (n - 1) * $4::float8)) AT TIME ZONE 'UTC',
                   'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           'UTC',
           jsonb_build_object(
               'params', jsonb_build_object('ordctl_probe', $1::uuid),
               'pipeline', jsonb_build_array(jsonb_build_object('id', 'probe', 'uses', 'noop', 'with', '{}'::jsonb))),
           0
      FROM generate_series(1, $2::int) AS n
    RETURNING id, schedule_expr::timestamptz AS at
)
SELECT jsonb_build_object('id', id, 'at', at) FROM made ORDER BY at
