-- Renews the leases of workers; a worker missing in the result was declared dead.
-- bind: workers, seconds
UPDATE ordctl.worker w
   SET lease_until = greatest(w.lease_until, now() + make_interval(secs => r.seconds))
  FROM unnest($1::text[], $2::float8[]) AS r (id, seconds)
 WHERE w.id = r.id
RETURNING w.id
