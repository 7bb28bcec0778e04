-- Number of matching tasks, up to 100,000.
-- bind: status, created_by, kind, owner
SELECT count(*) AS total
  FROM (SELECT
          FROM public.task t
         WHERE ($1::text = '' OR t.status = $1::text)
           AND ($2::text = '' OR t.created_by = nullif($2::text, '')::uuid)
           AND ($3::text = '' OR t.schedule_kind::text = $3::text)
           AND ($4::text = '' OR t.created_by = nullif($4::text, '')::uuid)
         LIMIT 100000) AS bounded
