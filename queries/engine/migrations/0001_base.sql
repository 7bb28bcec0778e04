-- Ordinaut's schema: creates it in an empty database, adopts it where it is, keeping every row
--
-- Adoption: a table that is there stays as it is, with its indexes, but for the two poison checks
-- below. A table of the same name with other columns is somebody else's, and an error.
--
-- Indexes: a new database gets fewer than upstream makes. Left out, and dropped from an adopted
-- database only by `ordctl migrate --tune` (queries/engine/migrate/costly_indexes.sql), is what
-- costs each write more than it gives any reader:
-- * due_work(run_at, locked_until) where locked_until is null: the second column is always null,
--   so due_work(run_at) answers the same; and an index that mentions locked_until makes every
--   lease and every release write to all indexes of the row (no heap-only update).
-- * task(status), task(schedule_kind), task_run(success): of three, five and two values; the
--   planner is right to read the table instead.
-- * task(priority desc, created_at): claims order due work, not tasks, and 1 is the highest.
-- * task_run(task_id): the prefix of task_run(task_id, success, started_at desc).
-- * audit_log(actor_agent_id) and (action): written with every action, read by hand if ever.
-- * GIN on task.payload, task_run.output and audit_log.details: one entry for every key and
--   value of every document, and no query of upstream's or ours searches inside them.
-- Kept: what finds due work, the work, runs and history of one task or subject, and what reports
-- and retention read by time.

DO $$
DECLARE
    misfit text;
BEGIN
    IF current_setting('server_version_num')::int < 130000 THEN
        RAISE EXCEPTION USING ERRCODE = 'feature_not_supported',
            MESSAGE = format('PostgreSQL 13 or newer is needed, this is %s', current_setting('server_version'));
    END IF;

    SELECT string_agg(format('%s.%s', t.name, c.name), ', ' ORDER BY t.name, c.name)
      INTO misfit
      FROM (VALUES
               ('agent', '{id,name,scopes,webhook_url,created_at}'::text[]),
               ('task', '{id,title,description,created_by,schedule_kind,schedule_expr,timezone,payload,status,priority,dedupe_key,dedupe_window_seconds,max_retries,backoff_strategy,concurrency_key,created_at}'),
               ('task_run', '{id,task_id,lease_owner,leased_until,started_at,finished_at,success,error,attempt,output,created_at}'),
               ('due_work', '{id,task_id,run_at,locked_until,locked_by,created_at}'),
               ('audit_log', '{id,actor_agent_id,action,subject_id,details,at}'),
               ('worker_heartbeat', '{worker_id,last_seen,processed_count,pid,hostname,created_at}')
           ) AS t (name, wanted)
     CROSS JOIN LATERAL unnest(t.wanted) AS c (name)
     WHERE to_regclass('public.' || t.name) IS NOT NULL
       AND NOT EXISTS (
               SELECT FROM pg_attribute a
                WHERE a.attrelid = to_regclass('public.' || t.name)
                  AND a.attname = c.name
                  AND NOT a.attisdropped);
    IF misfit IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_column',
            MESSAGE = format('a table has the name of one of Ordinaut''s but not its columns; missing: %s', misfit);
    END IF;

    -- Which tables are new, for the choice of indexes at the end; ends with the transaction.
    PERFORM set_config('ordctl.new_tables', coalesce(string_agg(t.name, ','), ''), true)
       FROM unnest('{agent,task,task_run,due_work,audit_log,worker_heartbeat}'::text[]) AS t (name)
      WHERE to_regclass('public.' || t.name) IS NULL;
END
$$;

-- Upstream installs two extensions. Nothing here needs them (gen_random_uuid is built in since
-- PostgreSQL 13), so where they are missing or not permitted, life goes on.
DO $$
DECLARE
    extension text;
BEGIN
    FOR extension IN
        SELECT name FROM pg_available_extensions
         WHERE name IN ('pgcrypto', 'uuid-ossp') AND installed_version IS NULL
    LOOP
        BEGIN
            EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA public', extension);
        EXCEPTION WHEN OTHERS THEN
            RAISE NOTICE 'extension % is left out: %', extension, SQLERRM;
        END;
    END LOOP;

    IF to_regtype('public.schedule_kind') IS NULL THEN
        CREATE TYPE public.schedule_kind AS ENUM ('cron', 'rrule', 'once', 'event', 'condition');
    END IF;
END
$$;

CREATE TABLE IF NOT EXISTS public.agent (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name        text NOT NULL UNIQUE,
    scopes      text[] NOT NULL,
    webhook_url text,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS public.task (
    id                    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    title                 text NOT NULL,
    description           text NOT NULL,
    created_by            uuid NOT NULL REFERENCES public.agent (id),
    schedule_kind         public.schedule_kind NOT NULL,
    schedule_expr         text,
    timezone              text NOT NULL DEFAULT 'Europe/Chisinau',
    payload               jsonb NOT NULL,
    status                text NOT NULL DEFAULT 'active'
                          CONSTRAINT task_status_check CHECK (status IN ('active', 'paused', 'canceled')),
    priority              int NOT NULL DEFAULT 5
                          CONSTRAINT task_priority_check CHECK (priority BETWEEN 1 AND 9),
    dedupe_key            text,
    dedupe_window_seconds int NOT NULL DEFAULT 0
                          CONSTRAINT task_dedupe_window_seconds_check CHECK (dedupe_window_seconds >= 0),
    max_retries           int NOT NULL DEFAULT 3
                          CONSTRAINT task_max_retries_check CHECK (max_retries >= 0),
    backoff_strategy      text NOT NULL DEFAULT 'exponential_jitter',
    concurrency_key       text,
    created_at            timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS public.task_run (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    task_id      uuid NOT NULL REFERENCES public.task (id),
    lease_owner  text,
    leased_until timestamptz,
    started_at   timestamptz,
    finished_at  timestamptz,
    success      bool,
    error        text,
    attempt      int NOT NULL DEFAULT 1
                 CONSTRAINT task_run_attempt_check CHECK (attempt >= 1),
    output       jsonb,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS public.due_work (
    id           bigserial PRIMARY KEY,
    task_id      uuid NOT NULL REFERENCES public.task (id),
    run_at       timestamptz NOT NULL,
    locked_until timestamptz,
    locked_by    text,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS public.audit_log (
    id             bigserial PRIMARY KEY,
    actor_agent_id uuid REFERENCES public.agent (id),
    action         text NOT NULL,
    subject_id     uuid,
    details        jsonb,
    at             timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS public.worker_heartbeat (
    worker_id       text PRIMARY KEY,
    last_seen       timestamptz NOT NULL DEFAULT now(),
    processed_count bigint NOT NULL DEFAULT 0,
    pid             int,
    hostname        text,
    created_at      timestamptz NOT NULL DEFAULT now()
);

-- The poison checks: `leased_until > now()` and `locked_until > now()`, whatever they are called.
-- They are evaluated at every write, so no UPDATE of an expired row succeeds and a restored dump
-- loses every such row.
DO $$
DECLARE
    poison record;
BEGIN
    FOR poison IN
        SELECT c.conname, c.conrelid::regclass AS relation
          FROM pg_constraint c
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
         WHERE c.contype = 'c'
           AND (c.conrelid, a.attname) IN (
                   (to_regclass('public.task_run'), 'leased_until'),
                   (to_regclass('public.due_work'), 'locked_until'))
           AND pg_get_constraintdef(c.oid)
               ~* '\m((now|(clock|statement|transaction)_timestamp)\(\)|current_(timestamp|date)|localtimestamp)'
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', poison.relation, poison.conname);
    END LOOP;
END
$$;

DO $$
DECLARE
    new_tables text[] := string_to_array(current_setting('ordctl.new_tables'), ',');
    one_active text := 'CREATE UNIQUE INDEX % ON public.task USING btree (dedupe_key, created_by) '
                       'WHERE ((dedupe_key IS NOT NULL) AND (status = ''active''::text))';
BEGIN
    -- A rule, not a matter of speed: an adopted database needs it, too.
    IF NOT EXISTS (
        SELECT FROM pg_index i
         WHERE i.indrelid = 'public.task'::regclass AND i.indisvalid
           AND regexp_replace(pg_get_indexdef(i.indexrelid), ' INDEX \S+ ON ', ' INDEX % ON ') = one_active)
    THEN
        EXECUTE replace(one_active, '%', 'task_dedupe_key_created_by_active');
    END IF;

    IF 'task' = ANY (new_tables) THEN
        CREATE INDEX task_created_by ON public.task (created_by);
    END IF;
    IF 'task_run' = ANY (new_tables) THEN
        CREATE INDEX task_run_started_at ON public.task_run (started_at);
        CREATE INDEX task_run_task_id_success_started_at ON public.task_run (task_id, success, started_at DESC);
    END IF;
    IF 'due_work' = ANY (new_tables) THEN
        CREATE INDEX due_work_run_at ON public.due_work (run_at);
        CREATE INDEX due_work_task_id ON public.due_work (task_id);
    END IF;
    IF 'audit_log' = ANY (new_tables) THEN
        CREATE INDEX audit_log_at ON public.audit_log (at);
        CREATE INDEX audit_log_subject_id ON public.audit_log (subject_id);
    END IF;
END
$$;

INSERT INTO public.agent (id, name, scopes)
VALUES ('00000000-0000-0000-0000-000000000001', 'system', '{admin,system}')
ON CONFLICT DO NOTHING;
