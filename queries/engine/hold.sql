-- Puts the engine on hold: no node starts work. An existing hold stays unchanged. Returns the state before.
-- bind: by, because, details
WITH old AS (
    SELECT e.held, e.held_by, e.held_because, e.held_at FROM ordctl.engine e FOR UPDATE
), held AS (
    UPDATE ordctl.engine e
       SET held = true, held_at = now(), held_by = $1::text, held_because = $2::text
      FROM old
     WHERE NOT old.held
    RETURNING e.held
), audited AS (
    INSERT INTO public.audit_log (actor_agent_id, action, details)
    SELECT (SELECT id FROM public.agent WHERE name = 'system'), 'engine.held', $3::text::jsonb
      FROM held
)
SELECT to_jsonb(old) FROM old
