-- Updates fields of an agent.
-- bind: id, fields, actor, details
WITH changed AS (
    UPDATE public.agent a
       SET (name, scopes, webhook_url)
         = (SELECT x.name, x.scopes, x.webhook_url FROM jsonb_populate_record(a, $2::jsonb) AS x)
     WHERE a.id = $1::uuid AND a.name <> 'deleted:' || a.id
    RETURNING a.id, a.name, a.scopes, a.webhook_url, a.created_at
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $3::uuid, 'agent.updated', id, $4::jsonb || jsonb_build_object('fields', ARRAY(SELECT jsonb_object_keys($2::jsonb))) FROM changed
)
SELECT to_jsonb(changed) FROM changed
