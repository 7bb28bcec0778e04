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
CREATE INDEX event_source ON ordctl.event (source_agent_id, published_at DESC, id DESC);

-- Where the event stream is read from. A database that was somebody else's before has a stream whose
-- entries were dealt with; a new one begins at the stream's beginning. In a new database the first
-- table of ours is older than the first of Ordinaut's.
ALTER TABLE ordctl.engine
    ADD COLUMN adopted      bool NOT NULL DEFAULT false,
    ADD COLUMN stream_start text,
    ADD COLUMN stream_read  text;
UPDATE ordctl.engine
   SET adopted = 'public.agent'::regclass::oid::bigint < 'ordctl.migration'::regclass::oid::bigint;
COMMENT ON COLUMN ordctl.engine.stream_start IS 'entries of the event stream up to this one are none of ours, or dealt with and forgotten';
COMMENT ON COLUMN ordctl.engine.stream_read IS 'entries of the event stream up to this one were read and acknowledged';

-- Where an id of the event stream stands. Its two numbers have 64 bits each.
CREATE FUNCTION ordctl.stream_place(id text) RETURNS numeric
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT split_part(id, '-', 1)::numeric * 18446744073709551616
         + coalesce(nullif(split_part(id, '-', 2), ''), '0')::numeric
$$;

-- Deletes the next events after (after_at, after_id) that are older than `before` and that nobody needs.
-- `needed` are those that waiting work needs. Where there is a stream, what is not in it stays, and
-- what is there and was not yet read back: its row tells the consumer that it is known. The row of
-- an alert stays for 30 days, because Alertmanager sends it again as long as it fires.
-- The rows are all that is known of the entries of the stream. Where the stream is read from moves past
-- those of the rows that go, so that a group that is lost and recreated does not begin before them.
CREATE FUNCTION ordctl.delete_events(before timestamptz, after_at timestamptz, after_id uuid, most int,
                                     needed uuid[], stream bool)
    RETURNS TABLE (deleted bigint, seen bigint, last_at timestamptz, last_id uuid)
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    WITH batch AS MATERIALIZED (
        SELECT e.id, e.published_at
          FROM ordctl.event e
         WHERE e.published_at < $1 AND (e.published_at, e.id) > (coalesce($2, '-infinity'), $3)
         ORDER BY e.published_at, e.id
         LIMIT $4
    ), old AS MATERIALIZED (
        SELECT e.id
          FROM batch b
          JOIN ordctl.event e ON e.id = b.id
         CROSS JOIN ordctl.engine g
         WHERE e.id <> ALL ($5)
           AND (NOT $6 OR ordctl.stream_place(e.stream_id) <= ordctl.stream_place(g.stream_read))
           AND (e.published_by IS DISTINCT FROM 'alertmanager' OR e.published_at < now() - interval '30 days')
         ORDER BY e.id
           FOR UPDATE OF e SKIP LOCKED
    ), gone AS (
        DELETE FROM ordctl.event e USING old WHERE e.id = old.id RETURNING e.stream_id
    ), last AS (
        SELECT gone.stream_id
          FROM gone
         WHERE gone.stream_id IS NOT NULL
         ORDER BY ordctl.stream_place(gone.stream_id) DESC
         LIMIT 1
    ), start AS (
        UPDATE ordctl.engine g
           SET stream_start = last.stream_id
          FROM last
         WHERE ordctl.stream_place(last.stream_id) <= ordctl.stream_place(g.stream_read)
           AND (g.stream_start IS NULL
                OR ordctl.stream_place(g.stream_start) < ordctl.stream_place(last.stream_id))
    )
    SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM batch), b.published_at, b.id
      FROM (SELECT 1) AS one
      LEFT JOIN (SELECT published_at, id FROM batch ORDER BY published_at DESC, id DESC LIMIT 1) AS b ON true
$$;
REVOKE ALL ON FUNCTION ordctl.delete_events(timestamptz, timestamptz, uuid, int, uuid[], bool) FROM PUBLIC;

-- Lists of tasks are read in this order, a page at a time.
CREATE INDEX IF NOT EXISTS task_created_at_id ON public.task (created_at DESC, id DESC);

-- The tasks of a topic are looked for while the topic is locked.
CREATE INDEX IF NOT EXISTS task_event ON public.task (schedule_expr)
 WHERE schedule_kind = 'event' AND status = 'active';
