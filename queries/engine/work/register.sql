-- Registers a worker with a lease.
-- bind: worker, node, lease, slots
INSERT INTO ordctl.worker (id, node, lease_until, slots)
VALUES ($1::text, $2::text, now() + make_interval(secs => $3::float8), $4::int)
ON CONFLICT (id) DO UPDATE SET lease_until = EXCLUDED.lease_until, running = '{}'
