-- Runs, newest first, including those in progress.
-- bind: task, success, from, to, owner, limit, offset, after_at, after_id
SELECT *
  FROM (
        (SELECT r.id, r.task_id, r.lease_owner, r.leased_until, r.started_at, r.finished_at, r.success, r.error,
                r.attempt, r.output, r.created_at
           FROM public.task_run r
          WHERE ($1::text = '' OR r.task_id = nullif($1::text, '')::uuid)
            AND ($2::text = '' OR r.success = nullif($2::text, '')::bool)
            AND ($3::text = '' OR r.started_at >= nullif($3::text, '')::timestamptz)
            AND ($4::text = '' OR r.started_at <= nullif($4::text, '')::timestamptz)
            AND ($5::text = '' OR r.task_id IN (SELECT t.id FROM public.task t WHERE t.created_by = nullif($5::text, '')::uuid))
            AND ($8::text = '' OR (r.started_at, r.id) < (nullif($8::text, '')::timestamptz, nullif($9::text, '')::uuid))
          ORDER BY r.started_at DESC, r.id DESC
          LIMIT $6::int + $7::int)
         UNION ALL
        (SELECT d.occurrence, d.task_id, d.locked_by, d.locked_until, d.leased_at, NULL, NULL, NULL,
                d.attempts + 1, NULL, d.created_at
           FROM ordctl.worker w
          CROSS JOIN LATERAL unnest(w.running) AS x (id)
           JOIN public.due_work d ON d.id = x.id AND d.locked_by = w.id AND d.lease_token IS NOT NULL
          WHERE ($1::text = '' OR d.task_id = nullif($1::text, '')::uuid)
            AND $2::text = ''
            AND ($3::text = '' OR d.leased_at >= nullif($3::text, '')::timestamptz)
            AND ($4::text = '' OR d.leased_at <= nullif($4::text, '')::timestamptz)
            AND ($5::text = '' OR d.task_id IN (SELECT t.id FROM public.task t WHERE t.created_by = nullif($5::text, '')::uuid))
            AND ($8::text = '' OR (d.leased_at, d.occurrence) < (nullif($8::text, '')::timestamptz, nullif($9::text, '')::uuid)))
       ) AS all_runs
 ORDER BY started_at DESC, id DESC
 LIMIT $6::int OFFSET $7::int
