-- how many of the scheduler's tables has the planner no statistics of?
SELECT count(*) AS value, string_agg(c.relname, ', ' ORDER BY c.relname) AS note
  FROM pg_catalog.pg_class c
 WHERE c.relnamespace = 'public'::regnamespace
   AND c.relkind = 'r'
   AND c.relname IN ('task', 'task_run', 'due_work', 'audit_log', 'worker_heartbeat')
   AND c.reltuples < 0
