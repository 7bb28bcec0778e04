-- Workers whose lease has expired.
-- bind: lease
--
-- No worker could renew while the server was down, so each gets one lease after the server start.
SELECT id
  FROM ordctl.worker
 WHERE greatest(lease_until, pg_postmaster_start_time() + make_interval(secs => $1::float8)) < now()
