-- a worker enters, with a lease of so many seconds
-- bind: worker, node, lease
INSERT INTO ordctl.worker (id, node, lease_until)
VALUES ($1::text, $2::text, now() + make_interval(secs => $3::float8))
ON CONFLICT (id) DO UPDATE SET lease_until = EXCLUDED.lease_until, running = '{}'
