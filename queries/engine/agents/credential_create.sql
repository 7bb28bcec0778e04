-- Creates a credential of an agent; its older ones of the same kind expire after the grace period.
-- bind: id, agent, kind, digest, expires, grace, actor, details
--
-- The row lock serializes concurrent creation and revocation for one agent.
WITH a AS MATERIALIZED (
    SELECT id FROM public.agent WHERE id = $2::uuid AND name <> 'deleted:' || id FOR UPDATE
), old AS MATERIALIZED (
    SELECT a.id, CASE WHEN $6::text <> ''
                      THEN ordctl.replace_credentials(a.id, $3::text, $1::uuid, nullif($6::text, '')::float8)
                 END AS replaced
      FROM a
), made AS (
    INSERT INTO ordctl.credential (id, agent_id, kind, digest, expires_at)
    SELECT $1::uuid, old.id, $3::text, $4::text, now() + make_interval(secs => nullif($5::text, '')::float8)
      FROM old
    RETURNING id, agent_id, expires_at
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $7::uuid, 'agent.credential_created', agent_id, $8::jsonb || jsonb_build_object('kind', $3::text, 'credential', id)
      FROM made
)
SELECT jsonb_build_object('id', made.id, 'expires_at', made.expires_at, 'replaced', old.replaced) FROM made, old
