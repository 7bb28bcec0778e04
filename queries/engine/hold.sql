-- Puts the engine on hold: no node starts work. An existing hold stays unchanged.
-- bind: by, because, details
WITH held AS (
    UPDATE ordctl.engine
       SET held = true, held_at = now(), held_by = $1::text, held_because = $2::text
     WHERE NOT held
    RETURNING held
)
INSERT INTO public.audit_log (actor_agent_id, action, details)
SELECT (SELECT id FROM public.agent WHERE name = 'system'), 'engine.held', $3::text::jsonb
  FROM held
