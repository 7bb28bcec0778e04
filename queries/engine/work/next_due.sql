-- Time until the next row becomes due.
SELECT extract(epoch FROM min(n.run_at) - clock_timestamp())::float8 AS seconds
  FROM generate_series(1, 9) AS p (priority)
 CROSS JOIN LATERAL (
           SELECT w.run_at FROM public.due_work w
            WHERE w.priority = p.priority AND w.parked IS NULL AND w.run_at > now()
            ORDER BY w.run_at, w.id
            LIMIT 1) AS n
