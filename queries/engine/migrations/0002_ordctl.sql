-- ordctl's own tables: the journal of acting runbooks, and each task's place in its schedule
--
-- Everything is additive: upstream's processes and the previous version of this program go on
-- with their statements, also under a role that may do nothing in this schema.

CREATE TABLE ordctl.operation (
    id             uuid PRIMARY KEY,
    runbook        text NOT NULL,
    params         jsonb NOT NULL DEFAULT '{}',
    environment    text NOT NULL,
    host           text NOT NULL,
    os_user        text NOT NULL,
    pid            int NOT NULL,
    binary_version text NOT NULL,
    started_at     timestamptz NOT NULL DEFAULT now(),
    finished_at    timestamptz,
    status         text NOT NULL DEFAULT 'running'
                   CONSTRAINT operation_status_check
                   CHECK (status IN ('running', 'done', 'failed', 'interrupted'))
);
CREATE INDEX operation_started_at ON ordctl.operation (started_at);
COMMENT ON TABLE ordctl.operation IS 'one row for each run of an acting runbook';

CREATE TABLE ordctl.operation_step (
    operation_id uuid NOT NULL REFERENCES ordctl.operation (id) ON DELETE CASCADE,
    position     int NOT NULL,
    step_id      text NOT NULL,
    uses         text NOT NULL,
    calls        jsonb NOT NULL DEFAULT '[]',
    started_at   timestamptz,
    finished_at  timestamptz,
    status       text,
    error        text,
    result       jsonb,
    PRIMARY KEY (operation_id, position)
);
COMMENT ON TABLE ordctl.operation_step IS 'what each step of such a run did, written before and after it';

-- What becomes of occurrences missed because nothing ran.
ALTER TABLE public.task ADD COLUMN IF NOT EXISTS catch_up text NOT NULL DEFAULT 'once'
    CONSTRAINT task_catch_up_check CHECK (catch_up IN ('skip', 'once', 'all'));

CREATE TABLE ordctl.schedule (
    task_id    uuid PRIMARY KEY REFERENCES public.task (id) ON DELETE CASCADE,
    cursor_at  timestamptz NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed    bool NOT NULL DEFAULT true
);
COMMENT ON TABLE ordctl.schedule IS 'how far each task''s schedule is worked off';
COMMENT ON COLUMN ordctl.schedule.cursor_at IS 'every occurrence up to this instant is dealt with';
COMMENT ON COLUMN ordctl.schedule.changed IS 'the task was edited since a scheduler last looked at it';
-- A scheduler looks for the edited ones all the time, and they are few.
CREATE INDEX schedule_changed ON ordctl.schedule (changed_at) WHERE changed;

-- Tasks are edited by plain SQL, which leaves no time stamp: the trigger leaves one. It runs with
-- the rights of its owner, because whoever edits a task need not have any in this schema.
-- A task that becomes active again starts from that moment: a pause is not missed time.
CREATE FUNCTION ordctl.task_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO ordctl.schedule AS s (task_id, cursor_at) VALUES (NEW.id, now())
    ON CONFLICT (task_id) DO UPDATE
       SET changed = true,
           changed_at = now(),
           cursor_at = CASE WHEN TG_OP = 'UPDATE' AND OLD.status <> 'active' AND NEW.status = 'active'
                            THEN greatest(s.cursor_at, now())
                            ELSE s.cursor_at
                       END;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION ordctl.task_changed() FROM PUBLIC;

CREATE TRIGGER ordctl_task_inserted AFTER INSERT ON public.task
    FOR EACH ROW EXECUTE FUNCTION ordctl.task_changed();

CREATE TRIGGER ordctl_task_changed
    AFTER UPDATE OF schedule_kind, schedule_expr, timezone, status, catch_up, created_at ON public.task
    FOR EACH ROW
    WHEN ((OLD.schedule_kind, OLD.schedule_expr, OLD.timezone, OLD.status, OLD.catch_up, OLD.created_at)
          IS DISTINCT FROM
          (NEW.schedule_kind, NEW.schedule_expr, NEW.timezone, NEW.status, NEW.catch_up, NEW.created_at))
    EXECUTE FUNCTION ordctl.task_changed();

-- Adopted tasks start now: nothing earlier is caught up, above all no `once` task of last year.
-- The triggers come first; from then on this transaction lets nobody write tasks.
INSERT INTO ordctl.schedule (task_id, cursor_at)
SELECT id, now() FROM public.task
ON CONFLICT DO NOTHING;
