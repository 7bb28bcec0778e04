-- Publishes an event: stores it and queues the work of every active task of its topic.
-- bind: id, topic, payload, by, source, stream_id
--
-- The event's own row records who published it and when: an audit row for each event would only repeat it.
-- The lock is held until the commit, and the event gets its number after taking it. So the numbers within a topic
-- follow the commit order, in which the relay sends them. Publishing the same event again (its step was repeated,
-- or it came back from the stream) queues nothing.
WITH turn AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(x'6f7264'::int, hashtext($2::text))
), made AS (
    INSERT INTO ordctl.event (id, topic, payload, published_by, source_agent_id, stream_id, published_at)
    SELECT $1::uuid, $2::text, $3::jsonb, $4::text, nullif($5::text, '')::uuid, nullif($6::text, ''), clock_timestamp()
      FROM turn
    ON CONFLICT (id) DO NOTHING
    RETURNING id, topic, payload, source_agent_id, published_at
), t AS (
    SELECT t.id, t.created_by, t.priority, t.concurrency_key, t.dedupe_key, t.dedupe_window_seconds
      FROM made
      JOIN public.task t ON t.schedule_kind = 'event' AND t.schedule_expr = made.topic AND t.status = 'active'
     ORDER BY t.id
       FOR SHARE OF t
), fresh AS (
    INSERT INTO ordctl.dedupe AS d (created_by, key, queued_at)
    SELECT created_by, dedupe_key, now()
      FROM t
     WHERE dedupe_key IS NOT NULL AND dedupe_window_seconds > 0
     ORDER BY created_by, dedupe_key
    ON CONFLICT (created_by, key) DO UPDATE SET queued_at = now()
     WHERE d.queued_at <= now() - make_interval(secs => (
               SELECT max(t.dedupe_window_seconds) FROM t
                WHERE t.created_by = EXCLUDED.created_by AND t.dedupe_key = EXCLUDED.key))
    RETURNING d.created_by, d.key
), queued AS (
    INSERT INTO public.due_work (task_id, run_at, scheduled_at, occurrence, priority, concurrency_key, event)
    SELECT t.id, now(), now(), md5(t.id::text || ' ' || made.id::text)::uuid, t.priority, t.concurrency_key,
           jsonb_build_object('id', made.id, 'topic', made.topic, 'payload', made.payload,
                              'source_agent_id', made.source_agent_id, 'published_at', made.published_at)
      FROM t
     CROSS JOIN made
     WHERE t.dedupe_key IS NULL OR t.dedupe_window_seconds = 0
        OR EXISTS (SELECT FROM fresh f WHERE f.created_by = t.created_by AND f.key = t.dedupe_key)
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT jsonb_build_object('event_id', $1::uuid, 'topic', $2::text, 'stream_id', nullif($6::text, ''),
                          'triggered_tasks', (SELECT count(*) FROM queued),
                          'published_at', (SELECT published_at FROM made),
                          'new', EXISTS (SELECT FROM made))
