-- the engine's own columns, tables and triggers: claims, leases, slots, workers, dead letters
--
-- Foreign programs insert due work with upstream's columns only; a trigger fills in the others.
-- What a lease writes (locked_until, locked_by, leased_at, lease_token) is in no index, so that claiming a
-- row and handing it back touch no index either (heap-only updates); for that there must be room
-- left in each page.

ALTER TABLE public.due_work
    ADD COLUMN scheduled_at    timestamptz,
    ADD COLUMN occurrence      uuid,
    ADD COLUMN priority        int,
    ADD COLUMN concurrency_key text,
    ADD COLUMN event           jsonb,
    ADD COLUMN attempts        int NOT NULL DEFAULT 0,
    ADD COLUMN alone           bool NOT NULL DEFAULT false,
    ADD COLUMN cancel          bool NOT NULL DEFAULT false,
    ADD COLUMN leased_at       timestamptz,
    ADD COLUMN lease_token     uuid,
    ADD COLUMN parked          text
        CONSTRAINT due_work_parked_check CHECK (parked IN ('task', 'key', 'alone', 'running'));
ALTER TABLE public.due_work SET (
    fillfactor = 40,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0);
COMMENT ON COLUMN public.due_work.scheduled_at IS 'the occurrence''s own instant; run_at moves with retries';
COMMENT ON COLUMN public.due_work.occurrence IS 'the id of its final run, of which there is at most one';
COMMENT ON COLUMN public.due_work.attempts IS 'starts that were committed and did not end well';
COMMENT ON COLUMN public.due_work.alone IS 'was running when its worker died; such rows run one at a time';
COMMENT ON COLUMN public.due_work.lease_token IS 'new at every claim';
COMMENT ON COLUMN public.due_work.parked IS 'why it is out of the claim''s index: its task is not active, its key is taken, it runs alone, it has been running for long';

UPDATE public.due_work d
   SET scheduled_at = d.run_at, occurrence = gen_random_uuid(), priority = t.priority,
       concurrency_key = t.concurrency_key,
       parked = CASE WHEN t.status <> 'active' THEN 'task' END
  FROM public.task t
 WHERE t.id = d.task_id;

CREATE INDEX due_work_claim ON public.due_work (priority, run_at, id) WHERE parked IS NULL;
CREATE INDEX due_work_alone ON public.due_work (priority, run_at, id) WHERE parked = 'alone';
CREATE INDEX due_work_waiting ON public.due_work (concurrency_key, priority, run_at, id) WHERE parked = 'key';
CREATE UNIQUE INDEX due_work_occurrence ON public.due_work (occurrence);

ALTER TABLE public.task_run
    ADD COLUMN scheduled_at timestamptz,
    ADD COLUMN occurrence   uuid,
    ADD COLUMN final        bool;
COMMENT ON COLUMN public.task_run.final IS 'the occurrence''s last word, whose id is the occurrence; its other rows are failed attempts';

ALTER TABLE ordctl.schedule
    ADD COLUMN next_at timestamptz,
    ADD COLUMN error   text;
COMMENT ON COLUMN ordctl.schedule.next_at IS 'the first occurrence after cursor_at';
COMMENT ON COLUMN ordctl.schedule.error IS 'why the schedule cannot be followed';
CREATE INDEX schedule_next ON ordctl.schedule (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE ordctl.engine (
    one               bool PRIMARY KEY DEFAULT true CHECK (one),
    held              bool NOT NULL DEFAULT false,
    held_at           timestamptz,
    held_by           text,
    held_because      text,
    system_identifier text,
    database_oid      oid
);
COMMENT ON TABLE ordctl.engine IS 'one row: whether work may start, and which database this is';
INSERT INTO ordctl.engine DEFAULT VALUES;

CREATE TABLE ordctl.worker (
    id          text PRIMARY KEY,
    node        text NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz NOT NULL,
    running     bigint[] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 20);
-- Rewritten with every claim: neither compressed nor moved out of the row.
ALTER TABLE ordctl.worker ALTER COLUMN running SET STORAGE PLAIN;
COMMENT ON COLUMN ordctl.worker.lease_until IS 'until then everything that it has leased is its own';
COMMENT ON COLUMN ordctl.worker.running IS 'the due work whose start is committed';

CREATE TABLE ordctl.slot (
    key         text PRIMARY KEY,
    due_work_id bigint NOT NULL,
    waiters     bigint NOT NULL DEFAULT 0,
    since       timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
COMMENT ON TABLE ordctl.slot IS 'one row for each concurrency key that is taken';

CREATE TABLE ordctl.dedupe (
    created_by uuid NOT NULL,
    key        text NOT NULL,
    queued_at  timestamptz NOT NULL,
    PRIMARY KEY (created_by, key)
);
COMMENT ON TABLE ordctl.dedupe IS 'when an occurrence with this dedupe key was last queued';

CREATE TABLE ordctl.event (
    id              uuid PRIMARY KEY,
    topic           text NOT NULL,
    payload         jsonb NOT NULL,
    source_agent_id uuid,
    published_by    text,
    published_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ordctl.event IS 'events, durable before anything else hears of them';

CREATE TABLE ordctl.dead_letter (
    occurrence   uuid PRIMARY KEY,
    task_id      uuid NOT NULL REFERENCES public.task (id) ON DELETE CASCADE,
    scheduled_at timestamptz NOT NULL,
    event        jsonb,
    at           timestamptz NOT NULL DEFAULT now(),
    retried_at   timestamptz
);
CREATE INDEX dead_letter_at ON ordctl.dead_letter (at) WHERE retried_at IS NULL;
COMMENT ON TABLE ordctl.dead_letter IS 'occurrences whose attempts are used up, with what a retry needs';

-- Due work that comes without an occurrence comes from a foreign program. The lock on the task
-- makes a pause wait for us, or us for the pause: whichever is second sees the first.
CREATE FUNCTION ordctl.due_work_inserted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.occurrence := gen_random_uuid();
    NEW.scheduled_at := coalesce(NEW.scheduled_at, NEW.run_at);
    SELECT t.priority, t.concurrency_key, CASE WHEN t.status <> 'active' THEN 'task' END
      INTO NEW.priority, NEW.concurrency_key, NEW.parked
      FROM public.task t WHERE t.id = NEW.task_id
       FOR SHARE;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION ordctl.due_work_inserted() FROM PUBLIC;

CREATE TRIGGER ordctl_due_work_inserted BEFORE INSERT ON public.due_work
    FOR EACH ROW WHEN (NEW.occurrence IS NULL)
    EXECUTE FUNCTION ordctl.due_work_inserted();

-- Lets the first waiting row of each key that is free be claimed. One too many does no harm: the
-- claim parks it again.
CREATE FUNCTION ordctl.promote(keys text[]) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH first AS (
        SELECT w.id
          FROM unnest(keys) AS k (key)
         CROSS JOIN LATERAL (
                   SELECT d.id FROM public.due_work d
                    WHERE d.concurrency_key = k.key AND d.parked = 'key'
                    ORDER BY d.priority, d.run_at, d.id
                    LIMIT 1
                      FOR UPDATE SKIP LOCKED) AS w
         WHERE NOT EXISTS (SELECT FROM ordctl.slot s WHERE s.key = k.key)
    ), promoted AS (
        UPDATE public.due_work d
           SET parked = CASE WHEN d.alone THEN 'alone' END
          FROM first
         WHERE d.id = first.id
        RETURNING 1
    )
    SELECT count(*) FROM promoted
$$;
REVOKE ALL ON FUNCTION ordctl.promote(text[]) FROM PUBLIC;

-- Work that waits follows its task: parked while it is paused, gone when it is canceled.
CREATE FUNCTION ordctl.task_work_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.priority <> OLD.priority THEN
        UPDATE public.due_work SET priority = NEW.priority WHERE task_id = NEW.id AND lease_token IS NULL;
    END IF;
    IF NEW.status = OLD.status THEN
        RETURN NULL;
    ELSIF NEW.status = 'active' THEN
        UPDATE public.due_work SET parked = CASE WHEN alone THEN 'alone' END
         WHERE task_id = NEW.id AND parked = 'task';
    ELSIF NEW.status = 'paused' THEN
        UPDATE public.due_work SET parked = 'task'
         WHERE task_id = NEW.id AND lease_token IS NULL AND parked IS DISTINCT FROM 'task';
    ELSE
        DELETE FROM public.due_work WHERE task_id = NEW.id AND lease_token IS NULL;
    END IF;
    IF NEW.status <> 'active' AND NEW.concurrency_key IS NOT NULL THEN
        PERFORM ordctl.promote(ARRAY[NEW.concurrency_key]);
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION ordctl.task_work_changed() FROM PUBLIC;

CREATE TRIGGER ordctl_task_work_changed AFTER UPDATE OF status, priority ON public.task
    FOR EACH ROW WHEN ((OLD.status, OLD.priority) IS DISTINCT FROM (NEW.status, NEW.priority))
    EXECUTE FUNCTION ordctl.task_work_changed();
