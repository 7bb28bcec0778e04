-- Renews the leases of workers; a worker missing in the result was declared dead.
-- bind: workers, lease
UPDATE ordctl.worker
   SET lease_until = now() + make_interval(secs => $2::float8)
 WHERE id = ANY ($1::text[])
RETURNING id
