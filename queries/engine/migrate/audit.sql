-- Records who migrated the database, and why.
-- bind: details
INSERT INTO public.audit_log (actor_agent_id, action, details)
SELECT (SELECT id FROM public.agent WHERE name = 'system'), 'schema.migrated', $1::text::jsonb
