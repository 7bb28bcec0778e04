-- Deletes canceled probe tasks with their work and their runs.
--
-- Work first: a worker that records a run locks its due_work row before the task, so the opposite order would
-- deadlock. Leased rows are deleted too; their worker finds no row and writes nothing.
WITH probe AS MATERIALIZED (
    SELECT t.id
      FROM public.task t
     WHERE t.created_by = '00000000-0000-0000-0000-000000000001' AND t.schedule_kind = 'once'
       AND t.title LIKE 'ordctl baseline probe %' AND t.payload #> '{params,ordctl_probe}' IS NOT NULL
       AND t.status = 'canceled'
), work AS MATERIALIZED (
    DELETE FROM public.due_work d USING probe p WHERE d.task_id = p.id RETURNING 1
), runs AS MATERIALIZED (
    DELETE FROM public.task_run r USING probe p
     WHERE r.task_id = p.id AND (SELECT count(*) FROM work) >= 0
    RETURNING 1
), gone AS (
    DELETE FROM public.task t USING probe p
     WHERE t.id = p.id AND (SELECT count(*) FROM runs) >= 0
    RETURNING 1
)
SELECT to_jsonb(count(*)) FROM gone
