-- Pauses, resumes or cancels a task; a canceled task stays canceled.
-- bind: id, status, action, actor, details, owner
WITH old AS (
    SELECT t.id, t.status FROM public.task t WHERE t.id = $1::uuid AND ($6::text = '' OR t.created_by = nullif($6::text, '')::uuid) FOR UPDATE
), changed AS (
    UPDATE public.task t
       SET status = $2::text
      FROM old
     WHERE t.id = old.id AND old.status NOT IN ('canceled', $2::text)
    RETURNING t.id
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $4::uuid, $3::text, id, $5::jsonb FROM changed
)
SELECT jsonb_build_object('was', old.status, 'changed', EXISTS (SELECT FROM changed)) FROM old
