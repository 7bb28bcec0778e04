-- due work of foreign programs that lacks a priority: no worker would ever claim it
--
-- A program that names the occurrence of its row leaves the other columns to the database all the same.
CREATE OR REPLACE FUNCTION ordctl.due_work_inserted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.occurrence := coalesce(NEW.occurrence, gen_random_uuid());
    NEW.scheduled_at := coalesce(NEW.scheduled_at, NEW.run_at);
    SELECT t.priority, t.concurrency_key, CASE WHEN t.status <> 'active' THEN 'task' END
      INTO NEW.priority, NEW.concurrency_key, NEW.parked
      FROM public.task t WHERE t.id = NEW.task_id
       FOR SHARE;
    RETURN NEW;
END
$$;

DROP TRIGGER ordctl_due_work_inserted ON public.due_work;
CREATE TRIGGER ordctl_due_work_inserted BEFORE INSERT ON public.due_work
    FOR EACH ROW WHEN (NEW.occurrence IS NULL OR NEW.priority IS NULL)
    EXECUTE FUNCTION ordctl.due_work_inserted();

UPDATE public.due_work d
   SET occurrence = coalesce(d.occurrence, gen_random_uuid()),
       scheduled_at = coalesce(d.scheduled_at, d.run_at),
       priority = t.priority,
       concurrency_key = t.concurrency_key,
       parked = CASE WHEN t.status <> 'active' THEN 'task' END
  FROM public.task t
 WHERE t.id = d.task_id AND d.priority IS NULL;
