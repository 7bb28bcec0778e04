-- whose lease has ended?
-- bind: lease
--
-- While the server was down nobody could renew: everybody gets one lease after its start.
SELECT id
  FROM ordctl.worker
 WHERE greatest(lease_until, pg_postmaster_start_time() + make_interval(secs => $1::float8)) < now()
