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
    id            uuid PRIMARY KEY,
    agent_id      uuid NOT NULL REFERENCES public.agent (id) ON DELETE CASCADE,
    credential_id uuid NOT NULL REFERENCES ordctl.credential (id) ON DELETE CASCADE,
    refresh       text NOT NULL,
    used          text[] NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL DEFAULT now(),
    refreshed_at  timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    revoked_at    timestamptz
);
CREATE INDEX session_agent_id ON ordctl.session (agent_id);
CREATE INDEX session_expires_at ON ordctl.session (expires_at);
COMMENT ON TABLE ordctl.session IS 'one row for each token that a secret has bought, with all that it was refreshed to';
COMMENT ON COLUMN ordctl.session.credential_id IS 'the secret that bought it; it ends with that';
COMMENT ON COLUMN ordctl.session.used IS 'digests of the refresh tokens before it, the latest first';
COMMENT ON COLUMN ordctl.session.refresh IS 'SHA-256 of the only refresh token that is good now, in hexadecimal';

-- What is asked behind a lock has to be seen as it is then, not as it was when the statement began: a
-- volatile function takes a new look.
CREATE FUNCTION ordctl.active_tasks(agent uuid) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT count(*) FROM public.task t WHERE t.created_by = agent AND t.status = 'active');
END
$$;
REVOKE ALL ON FUNCTION ordctl.active_tasks(uuid) FROM PUBLIC;

-- Ends everything that an agent can prove itself with.
CREATE FUNCTION ordctl.revoke(agent uuid) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    credentials bigint;
    sessions bigint;
BEGIN
    UPDATE ordctl.session SET revoked_at = now() WHERE agent_id = agent AND revoked_at IS NULL AND expires_at > now();
    GET DIAGNOSTICS sessions = ROW_COUNT;
    UPDATE ordctl.credential SET revoked_at = now() WHERE agent_id = agent AND revoked_at IS NULL;
    GET DIAGNOSTICS credentials = ROW_COUNT;
    RETURN jsonb_build_object('credentials', credentials, 'sessions', sessions);
END
$$;
REVOKE ALL ON FUNCTION ordctl.revoke(uuid) FROM PUBLIC;

-- Ends an agent's credentials of a kind, but for one, after so many seconds.
CREATE FUNCTION ordctl.replace_credentials(agent uuid, which text, but_for uuid, seconds float8) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended bigint;
BEGIN
    UPDATE ordctl.credential c
       SET revoked_at = CASE WHEN seconds <= 0 THEN now() END,
           expires_at = least(c.expires_at, now() + make_interval(secs => seconds))
     WHERE c.agent_id = agent AND c.kind = which AND c.id <> but_for AND c.revoked_at IS NULL;
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END
$$;
REVOKE ALL ON FUNCTION ordctl.replace_credentials(uuid, text, uuid, float8) FROM PUBLIC;

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
