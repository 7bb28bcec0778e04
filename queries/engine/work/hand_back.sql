-- Releases leased rows as if they had never been claimed.
-- bind: ids, tokens
UPDATE public.due_work d
   SET locked_until = NULL, locked_by = NULL, leased_at = NULL, lease_token = NULL,
       parked = CASE WHEN (SELECT t.status FROM public.task t WHERE t.id = d.task_id) <> 'active' THEN 'task'
                     WHEN d.alone THEN 'alone'
                END
  FROM unnest($1::bigint[], $2::uuid[]) AS o (id, token)
 WHERE d.id = o.id AND d.lease_token = o.token
