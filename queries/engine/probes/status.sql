-- Leftover probe tasks, and whether the role may create and delete probe tasks.
SELECT (SELECT count(*)
          FROM public.task t
         WHERE t.created_by = '00000000-0000-0000-0000-000000000001' AND t.schedule_kind = 'once'
           AND t.title LIKE 'ordctl baseline probe %' AND t.payload #> '{params,ordctl_probe}' IS NOT NULL) AS "left",
       -- has_table_privilege with a list is true for any of them.
       (SELECT bool_and(pg_catalog.has_table_privilege('public.task', p.name))
          FROM unnest('{select,insert,update,delete}'::text[]) AS p (name))
       AND pg_catalog.has_table_privilege('public.due_work', 'delete')
       AND pg_catalog.has_table_privilege('public.task_run', 'delete') AS may
