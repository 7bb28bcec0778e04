-- Deletes due work whose occurrence already has a final run.
-- bind: ids, tokens
DELETE FROM public.due_work d
 USING unnest($1::bigint[], $2::uuid[]) AS o (id, token)
 WHERE d.id = o.id AND d.lease_token = o.token
