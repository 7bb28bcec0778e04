-- Number of matching runs, up to 100,000.
-- bind: task, success, from, to, owner
SELECT count(*) AS total
  FROM (SELECT
          FROM public.task_run r
         WHERE ($1::text = '' OR r.task_id = nullif($1::text, '')::uuid)
           AND ($2::text = '' OR r.success = nullif($2::text, '')::bool)
           AND ($3::text = '' OR r.started_at >= nullif($3::text, '')::timestamptz)
           AND ($4::text = '' OR r.started_at <= nullif($4::text, '')::timestamptz)
           AND ($5::text = '' OR r.task_id IN (SELECT t.id FROM public.task t WHERE t.created_by = nullif($5::text, '')::uuid))
         LIMIT 100000) AS bounded
