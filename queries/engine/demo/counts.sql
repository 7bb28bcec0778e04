-- how many rows has each table?
SELECT (SELECT count(*) FROM public.agent) AS agents,
       (SELECT count(*) FROM public.task) AS tasks,
       (SELECT count(*) FROM public.task_run) AS runs,
       (SELECT count(*) FROM public.due_work) AS due_work,
       (SELECT count(*) FROM public.worker_heartbeat) AS workers,
       (SELECT count(*) FROM public.audit_log) AS audit_log
