-- credentials of agents, idempotency keys, the outbox of events
--
-- No secret is stored: of what an agent chose or was given once stays a digest.

CREATE TABLE ordctl.credential (
    id           uuid PRIMARY KEY,
    agent_id     uuid NOT NULL REFERENCES public.agent (id) ON DELETE CASCADE,
    kind         text NOT NULL CONSTRAINT credential_kind_check CHECK (kind IN ('secret', 'key')),
    digest       text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz
);
CREATE INDEX credential_agent_id ON ordctl.credential (agent_id);
COMMENT ON TABLE ordctl.credential IS 'how agents prove who they are: secrets, which buy tokens, and API keys';
COMMENT ON COLUMN ordctl.credential.digest IS 'of a secret argon2id in PHC notation, of a key SHA-256 in hexadecimal';

CREATE TABLE ordctl.session (
    id           uuid PRIMARY KEY,
    agent_id     uuid NOT NULL REFERENCES public.agent (id) ON DELETE CASCADE,
    refresh      text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    refreshed_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz
);
CREATE INDEX session_agent_id ON ordctl.session (agent_id);
CREATE INDEX session_expires_at ON ordctl.session (expires_at);
COMMENT ON TABLE ordctl.session IS 'one row for each token that a secret has bought, with all that it was refreshed to';
COMMENT ON COLUMN ordctl.session.refresh IS 'SHA-256 of the only refresh token that is good now, in hexadecimal';

CREATE TABLE ordctl.idempotency (
    agent_id uuid NOT NULL,
    key      text NOT NULL,
    request  text NOT NULL,
    answer   jsonb,
    at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (agent_id, key)
);
CREATE INDEX idempotency_at ON ordctl.idempotency (at);
COMMENT ON TABLE ordctl.idempotency IS 'requests with an Idempotency-Key, and how they were answered';

-- The outbox: what has no stream_id is not in Redis yet. Numbers of one topic are drawn under a lock
-- that is held until the commit, so within a topic they are in the order of the commits.
ALTER TABLE ordctl.event
    ADD COLUMN seq       bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN stream_id text;
CREATE INDEX event_outbox ON ordctl.event (seq) WHERE stream_id IS NULL;
CREATE INDEX event_published_at ON ordctl.event (published_at, id);

-- Where the event stream is read from. A database that was somebody else's before has a stream whose
-- entries were dealt with; a new one begins at the stream's beginning. In a new database the first
-- table of ours is older than the first of Ordinaut's.
ALTER TABLE ordctl.engine
    ADD COLUMN adopted      bool NOT NULL DEFAULT false,
    ADD COLUMN stream_start text;
UPDATE ordctl.engine
   SET adopted = 'public.agent'::regclass::oid::bigint < 'ordctl.migration'::regclass::oid::bigint;
COMMENT ON COLUMN ordctl.engine.stream_start IS 'entries of the event stream up to this one are none of ours';

-- Lists of tasks are read in this order, a page at a time.
CREATE INDEX IF NOT EXISTS task_created_at_id ON public.task (created_at DESC, id DESC);
