-- Which of these running rows are to be canceled.
-- bind: ids, tokens
SELECT d.lease_token
  FROM unnest($1::bigint[], $2::uuid[]) AS o (id, token)
  JOIN public.due_work d ON d.id = o.id AND d.lease_token = o.token
 WHERE d.cancel
