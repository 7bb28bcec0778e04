-- Deletes expired events of the next batch and records it in the audit log; returns where the following batch begins.
-- bind: before, after_at, after_id, limit, needed, stream, actor, details
WITH batch AS MATERIALIZED (
    SELECT deleted, seen, last_at, last_id
      FROM ordctl.delete_events($1::timestamptz, nullif($2::text, '')::timestamptz, $3::uuid, $4::int, $5::uuid[],
                                $6::bool)
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, details)
    SELECT $7::uuid, 'event.cleanup', $8::jsonb || jsonb_build_object('removed', deleted)
      FROM batch
     WHERE deleted > 0 OR $2::text = ''
)
SELECT to_jsonb(batch) FROM batch
