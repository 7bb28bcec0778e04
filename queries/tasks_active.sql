-- how many tasks are active?
SELECT count(*) AS value FROM public.task WHERE status = 'active'
