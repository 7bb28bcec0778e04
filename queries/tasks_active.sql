-- Active tasks.
-- task: yes
SELECT count(*) AS value FROM public.task WHERE status = 'active'
