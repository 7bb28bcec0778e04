-- Renews the leases of long-running rows and parks them, so that claims do not read them.
-- bind: ids, tokens, lease
UPDATE public.due_work d
   SET locked_until = now() + make_interval(secs => $3::float8), parked = 'running'
  FROM unnest($1::bigint[], $2::uuid[]) AS o (id, token)
 WHERE d.id = o.id AND d.lease_token = o.token
RETURNING d.lease_token, d.cancel
