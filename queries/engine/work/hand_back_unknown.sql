-- Releases rows leased to a worker that does not know of them, because the answer to its claim was lost.
-- bind: worker, known
UPDATE public.due_work d
   SET locked_until = NULL, locked_by = NULL, leased_at = NULL, lease_token = NULL,
       parked = CASE WHEN d.alone THEN 'alone' END
 WHERE d.locked_by = $1::text AND d.lease_token IS NOT NULL AND d.lease_token <> ALL ($2::uuid[])
RETURNING d.id, d.concurrency_key
