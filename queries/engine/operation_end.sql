-- Records the end of an acting run.
-- bind: operation, status
WITH ended AS (
    UPDATE ordctl.operation
       SET finished_at = now(), status = $2::text
     WHERE id = $1::text::uuid
    RETURNING id, runbook, environment, host, os_user, status
)
INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
SELECT (SELECT id FROM public.agent WHERE name = 'system'), 'ordctl.run.ended', id, to_jsonb(ended) - 'id'
  FROM ended
