-- Runs with the titles of their tasks, newest first, including those in progress.
-- bind: task, status, since, until, limit
--
-- `before` and `after` are the neighbors of the ID among all runs: they tell how much of it is unique.
-- Runs in progress are found through the workers: an index on due work would read the whole queue for a few of them.
WITH running AS MATERIALIZED (
    SELECT d.occurrence AS id, d.task_id, d.locked_by AS lease_owner, d.leased_at AS started_at,
           d.attempts + 1 AS attempt
      FROM ordctl.worker w
     CROSS JOIN LATERAL unnest(w.running) AS l (id)
      JOIN public.due_work d ON d.id = l.id AND d.locked_by = w.id AND d.lease_token IS NOT NULL
)
SELECT x.id, x.task_id, t.title, x.lease_owner, x.started_at, x.finished_at, x.success, x.attempt, x.error,
       extract(epoch FROM coalesce(x.finished_at, now()) - x.started_at)::float8 AS seconds,
       greatest((SELECT n.id FROM public.task_run n WHERE n.id < x.id ORDER BY n.id DESC LIMIT 1),
                (SELECT n.id FROM running n WHERE n.id < x.id ORDER BY n.id DESC LIMIT 1)) AS before,
       least((SELECT n.id FROM public.task_run n WHERE n.id > x.id ORDER BY n.id LIMIT 1),
             (SELECT n.id FROM running n WHERE n.id > x.id ORDER BY n.id LIMIT 1)) AS after
  FROM (SELECT *
          FROM ((SELECT r.id, r.task_id, r.lease_owner, r.started_at, r.finished_at, r.success, r.attempt, r.error
                   FROM public.task_run r
                  WHERE ($1::text = '' OR r.task_id = nullif($1::text, '')::uuid)
                    AND CASE $2::text WHEN 'ok' THEN r.success WHEN 'failed' THEN NOT r.success
                                      WHEN 'running' THEN r.success IS NULL ELSE true END
                    AND ($3::text = '' OR r.started_at >= nullif($3::text, '')::timestamptz)
                    AND ($4::text = '' OR r.started_at < nullif($4::text, '')::timestamptz)
                  ORDER BY r.started_at DESC, r.id DESC
                  LIMIT $5::int)
                 UNION ALL
                (SELECT r.id, r.task_id, r.lease_owner, r.started_at, NULL, NULL, r.attempt, NULL
                   FROM running r
                  WHERE ($1::text = '' OR r.task_id = nullif($1::text, '')::uuid)
                    AND $2::text IN ('', 'running')
                    AND ($3::text = '' OR r.started_at >= nullif($3::text, '')::timestamptz)
                    AND ($4::text = '' OR r.started_at < nullif($4::text, '')::timestamptz))) AS all_runs
         ORDER BY started_at DESC, id DESC
         LIMIT $5::int) AS x
  JOIN public.task t ON t.id = x.task_id
 ORDER BY x.started_at DESC, x.id DESC
