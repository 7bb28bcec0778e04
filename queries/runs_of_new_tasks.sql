-- Runs of the tasks created in the last 24 hours.
SELECT count(*) AS value
  FROM public.task t
  JOIN public.task_run r ON r.task_id = t.id
 WHERE t.created_at > now() - interval '24 hours'
