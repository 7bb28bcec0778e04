-- Requests the cancellation of a run in progress.
-- bind: id, actor, details, owner
WITH asked AS (
    UPDATE public.due_work d
       SET cancel = true
     WHERE d.occurrence = $1::uuid AND d.lease_token IS NOT NULL
       AND ($4::text = '' OR d.task_id IN (SELECT t.id FROM public.task t WHERE t.created_by = nullif($4::text, '')::uuid))
    RETURNING d.occurrence
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $2::uuid, 'run.canceled', occurrence, $3::jsonb FROM asked
)
SELECT jsonb_build_object('asked', EXISTS (SELECT FROM asked),
                          'over', EXISTS (SELECT FROM public.task_run r WHERE r.id = $1::uuid
                                     AND ($4::text = '' OR r.task_id IN (SELECT t.id FROM public.task t WHERE t.created_by = nullif($4::text, '')::uuid))))
