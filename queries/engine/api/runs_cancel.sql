-- Requests the cancellation of these runs, those that are still in progress.
-- bind: ids, actor, details
WITH asked AS (
    UPDATE public.due_work d
       SET cancel = true
     WHERE d.occurrence = ANY ($1::uuid[]) AND d.lease_token IS NOT NULL
    RETURNING d.occurrence
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $2::uuid, 'run.canceled', occurrence, $3::jsonb FROM asked
)
SELECT to_jsonb(occurrence) FROM asked
