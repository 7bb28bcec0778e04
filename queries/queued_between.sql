-- Work that is queued for a period.
-- bind: begin, end
SELECT count(*) AS rows, count(DISTINCT w.task_id) AS tasks
  FROM public.due_work w
 WHERE w.run_at >= $1::timestamptz
   AND w.run_at < $2::timestamptz
