-- gives an agent a credential; those of the same kind that it had end after so many seconds
-- bind: id, agent, kind, digest, expires, grace, actor, details
--
-- The lock makes those who give the same agent credentials, or take them, come one after the other; whoever
-- waited for it does not see what the other made, so it is only the caller's that counts.
WITH a AS MATERIALIZED (
    SELECT id FROM public.agent WHERE id = $2::uuid AND name <> 'deleted:' || id FOR UPDATE
), old AS (
    UPDATE ordctl.credential c
       SET revoked_at = CASE WHEN nullif($6::text, '')::float8 <= 0 THEN now() END,
           expires_at = least(c.expires_at, now() + make_interval(secs => nullif($6::text, '')::float8))
      FROM a
     WHERE c.agent_id = a.id AND c.kind = $3::text AND c.revoked_at IS NULL AND $6::text <> ''
    RETURNING c.id
), made AS (
    INSERT INTO ordctl.credential (id, agent_id, kind, digest, expires_at)
    SELECT $1::uuid, a.id, $3::text, $4::text, now() + make_interval(secs => nullif($5::text, '')::float8)
      FROM a
    RETURNING id, agent_id, expires_at
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $7::uuid, 'agent.credential_created', agent_id, $8::jsonb || jsonb_build_object('kind', $3::text, 'credential', id)
      FROM made
)
SELECT jsonb_build_object('id', made.id, 'expires_at', made.expires_at, 'replaced', (SELECT count(*) FROM old)) FROM made
