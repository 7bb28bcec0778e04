-- where each condition task stands
--
-- Rows are made by schedulers, not by writers of tasks: a task that a foreign program inserts with
-- upstream's columns alone is found by the index, whose condition is that of engine/condition/claim.

CREATE TABLE ordctl.condition (
    task_id    uuid PRIMARY KEY REFERENCES public.task (id) ON DELETE CASCADE,
    expr       text NOT NULL,
    next_at    timestamptz NOT NULL,
    token      uuid,
    since      timestamptz,
    fired      bool NOT NULL DEFAULT false,
    value      jsonb,
    error      text,
    checked_at timestamptz
) WITH (fillfactor = 50);
COMMENT ON TABLE ordctl.condition IS 'where each condition task stands';
COMMENT ON COLUMN ordctl.condition.expr IS 'the schedule_expr that all the rest is about';
COMMENT ON COLUMN ordctl.condition.next_at IS 'when it is evaluated next; while somebody evaluates it, when that claim runs out';
COMMENT ON COLUMN ordctl.condition.token IS 'of the evaluation that is going on, new at each; only its holder writes';
COMMENT ON COLUMN ordctl.condition.since IS 'true since';
COMMENT ON COLUMN ordctl.condition.fired IS 'this truth has queued the task';
COMMENT ON COLUMN ordctl.condition.error IS 'why the last evaluation gave neither true nor false';

CREATE INDEX task_condition ON public.task (id) WHERE schedule_kind = 'condition' AND status = 'active';

-- What is edited starts afresh, also when it is edited there and back before anybody looks. It runs
-- with the rights of its owner, because whoever edits a task need not have any in this schema.
CREATE FUNCTION ordctl.task_condition_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM ordctl.condition WHERE task_id = NEW.id;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION ordctl.task_condition_changed() FROM PUBLIC;

CREATE TRIGGER ordctl_task_condition_changed AFTER UPDATE OF schedule_kind, schedule_expr ON public.task
    FOR EACH ROW
    WHEN (OLD.schedule_kind = 'condition'
          AND (OLD.schedule_kind, OLD.schedule_expr) IS DISTINCT FROM (NEW.schedule_kind, NEW.schedule_expr))
    EXECUTE FUNCTION ordctl.task_condition_changed();
