-- the cron tasks that Ordinaut left: ordctl may read their expressions differently
--
-- `migrate` lists those whose instants differ and can convert them. Whoever edits a schedule writes it for ordctl,
-- so an edit ends the task's row here; the conversion is such an edit, so no expression is converted twice.
-- In a database that was adopted earlier, tasks that changed since then are left out: ordctl may have written them.
CREATE TABLE ordctl.adopted_cron (
    task_id uuid PRIMARY KEY REFERENCES public.task (id) ON DELETE CASCADE
);
COMMENT ON TABLE ordctl.adopted_cron IS 'cron tasks of Ordinaut whose schedule nobody edited since the adoption';

CREATE FUNCTION ordctl.task_rescheduled() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM ordctl.adopted_cron WHERE task_id = NEW.id;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION ordctl.task_rescheduled() FROM PUBLIC;

CREATE TRIGGER ordctl_task_rescheduled AFTER UPDATE OF schedule_kind, schedule_expr ON public.task
    FOR EACH ROW
    WHEN ((OLD.schedule_kind, OLD.schedule_expr) IS DISTINCT FROM (NEW.schedule_kind, NEW.schedule_expr))
    EXECUTE FUNCTION ordctl.task_rescheduled();

INSERT INTO ordctl.adopted_cron (task_id)
SELECT t.id
  FROM public.task t
  JOIN ordctl.schedule s ON s.task_id = t.id
 WHERE (SELECT adopted FROM ordctl.engine)
   AND t.schedule_kind = 'cron'
   AND s.changed_at <= (SELECT applied_at FROM ordctl.migration WHERE version = 2);
