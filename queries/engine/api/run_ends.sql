-- Finished runs that ended after a position, in this order, or backwards from the last one.
-- bind: task, after_at, after_id, keep, limit, output
--
-- The output of a run may be large and is read only where `output` is true.
-- `before` and `after` are the neighbors of the ID among all runs, as in run_list.sql.
WITH running AS MATERIALIZED (
    SELECT d.occurrence AS id
      FROM ordctl.worker w
     CROSS JOIN LATERAL unnest(w.running) AS l (id)
      JOIN public.due_work d ON d.id = l.id AND d.locked_by = w.id AND d.lease_token IS NOT NULL
)
SELECT x.id, x.task_id, t.title, x.lease_owner, x.leased_until, x.started_at, x.finished_at, x.success, x.error,
       x.attempt, CASE WHEN $6::bool THEN x.output END AS output, x.created_at,
       greatest((SELECT n.id FROM public.task_run n WHERE n.id < x.id ORDER BY n.id DESC LIMIT 1),
                (SELECT n.id FROM running n WHERE n.id < x.id ORDER BY n.id DESC LIMIT 1)) AS before,
       least((SELECT n.id FROM public.task_run n WHERE n.id > x.id ORDER BY n.id LIMIT 1),
             (SELECT n.id FROM running n WHERE n.id > x.id ORDER BY n.id LIMIT 1)) AS after
  FROM (SELECT r.*
          FROM public.task_run r
         WHERE r.success IS NOT NULL
           AND r.finished_at >= $2::timestamptz AND r.finished_at < 'infinity'
           AND (r.finished_at, r.id) > ($2::timestamptz, $3::uuid)
           AND ($1::text = '' OR r.task_id = nullif($1::text, '')::uuid)
         ORDER BY CASE WHEN $4::text = 'last' THEN r.finished_at END DESC,
                  CASE WHEN $4::text = 'last' THEN r.id END DESC,
                  r.finished_at, r.id
         LIMIT $5::int) AS x
  JOIN public.task t ON t.id = x.task_id
 ORDER BY CASE WHEN $4::text = 'last' THEN x.finished_at END DESC,
          CASE WHEN $4::text = 'last' THEN x.id END DESC,
          x.finished_at, x.id
