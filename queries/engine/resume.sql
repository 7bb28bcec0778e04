-- Ends the hold and records the identity of this database. Returns the state before.
-- bind: details
WITH old AS (
    SELECT e.held, e.held_by, e.held_because, e.held_at FROM ordctl.engine e FOR UPDATE
), resumed AS (
    UPDATE ordctl.engine e
       SET held = false, held_at = NULL, held_by = NULL, held_because = NULL,
           system_identifier = (SELECT c.system_identifier::text FROM pg_control_system() c),
           database_oid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      FROM old
    RETURNING e.held
), audited AS (
    INSERT INTO public.audit_log (actor_agent_id, action, details)
    SELECT (SELECT id FROM public.agent WHERE name = 'system'), 'engine.resumed', $1::text::jsonb
      FROM old, resumed
     WHERE old.held
)
SELECT to_jsonb(old) FROM old
