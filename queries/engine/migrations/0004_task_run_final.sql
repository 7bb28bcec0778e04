-- at most one final run for each occurrence of a task
-- transaction: none
-- index: public.task_run_final
--
-- The occurrence comes first: those of one time lie together.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS task_run_final
    ON public.task_run (occurrence, task_id) WHERE final;
