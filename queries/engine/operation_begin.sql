-- Records the start of an acting run, or that it resumes.
-- bind: operation, runbook, params, environment, host, user, pid, version, reason
WITH begun AS (
    INSERT INTO ordctl.operation (id, runbook, params, environment, host, os_user, pid, binary_version, status)
    VALUES ($1::text::uuid, $2::text, $3::text::jsonb, $4::text, $5::text, $6::text, $7::text::int, $8::text, 'running')
    ON CONFLICT (id) DO UPDATE
       SET status = 'running', finished_at = NULL, host = excluded.host, os_user = excluded.os_user, pid = excluded.pid,
           binary_version = excluded.binary_version
    RETURNING id, runbook, environment, host, os_user
)
INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
SELECT (SELECT id FROM public.agent WHERE name = 'system'), 'ordctl.run.begun', id,
       (to_jsonb(begun) - 'id') || jsonb_strip_nulls(jsonb_build_object('reason', nullif($9::text, '')))
  FROM begun
