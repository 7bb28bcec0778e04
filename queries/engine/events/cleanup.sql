-- removes events that are older than so many hours and need not be sent any more, up to some number
-- bind: hours, most, relayed, actor, details
WITH old AS (
    SELECT id FROM ordctl.event
     WHERE published_at < now() - make_interval(hours => $1::int)
       AND (stream_id IS NOT NULL OR NOT $3::bool)
     ORDER BY published_at
     LIMIT $2::int
       FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM ordctl.event e USING old WHERE e.id = old.id RETURNING 1
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, details)
    SELECT $4::uuid, 'event.cleanup', $5::jsonb || jsonb_build_object('removed', (SELECT count(*) FROM gone))
)
SELECT jsonb_build_object('removed', (SELECT count(*) FROM gone))
