-- how many runs have the tasks that were made within a day?
SELECT count(*) AS value
  FROM public.task t
  JOIN public.task_run r ON r.task_id = t.id
 WHERE t.created_at > now() - interval '24 hours'
