-- Tasks created on each day since a time, in a time zone; newest day first.
-- bind: since, zone
SELECT ((t.created_at AT TIME ZONE $2::text)::date)::text AS day, count(*) AS tasks
  FROM public.task t
 WHERE t.created_at >= $1::timestamptz
 GROUP BY 1
 ORDER BY 1 DESC
