-- Creates an agent.
-- bind: agent, actor, details
WITH made AS (
    INSERT INTO public.agent (name, scopes, webhook_url)
    SELECT x.name, x.scopes, x.webhook_url FROM jsonb_populate_record(NULL::public.agent, $1::jsonb) AS x
    RETURNING id, name, scopes, webhook_url, created_at
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $2::uuid, 'agent.created', id, $3::jsonb || jsonb_build_object('name', name, 'scopes', scopes) FROM made
)
SELECT to_jsonb(made) FROM made
