-- an index on the ends of runs: those who follow them ask for the latest ones twice a second
--
-- Runs are inserted when they end, so that their ends have the order of the table: a block range index is small and
-- costs next to nothing with each run.
CREATE INDEX IF NOT EXISTS task_run_finished_at ON public.task_run USING brin (finished_at)
  WITH (pages_per_range = 32, autosummarize = on);
