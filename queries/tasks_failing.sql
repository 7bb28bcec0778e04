-- Active tasks that only fail: at least three runs of the last day failed, and none succeeded since.
WITH latest AS (
    SELECT t.id, t.title,
           (SELECT r.started_at FROM public.task_run r
             WHERE r.task_id = t.id AND r.success ORDER BY r.started_at DESC LIMIT 1) AS success_at
      FROM public.task t
     WHERE t.status = 'active'
), failing AS (
    SELECT l.id, l.title, count(*) AS failures, min(f.started_at) AS since,
           (array_agg(f.error ORDER BY f.started_at DESC))[1] AS error
      FROM latest l
     CROSS JOIN LATERAL (
           -- Enough to tell, however often a task fails.
           SELECT r.started_at, r.error FROM public.task_run r
            WHERE r.task_id = l.id AND r.success = false
              AND r.started_at > greatest(l.success_at, now() - interval '1 day')
            ORDER BY r.started_at DESC LIMIT 10000) AS f
     GROUP BY l.id, l.title
    HAVING count(*) >= 3
)
SELECT count(*)::float8 AS value,
       (array_agg(format('%s: %s failures in %s and no success; %s', title, failures,
                         date_trunc('second', now() - since), left(split_part(error, E'\n', 1), 120))
                  ORDER BY failures DESC))[1] AS note,
       'ordctl runs list --failed --task ' || left((array_agg(id ORDER BY failures DESC))[1]::text, 8) AS hint
  FROM failing
