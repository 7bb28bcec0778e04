-- Records a node's heartbeat in upstream's table.
-- bind: node, processed, pid, hostname
INSERT INTO public.worker_heartbeat AS h (worker_id, last_seen, processed_count, pid, hostname)
VALUES ($1::text, now(), $2::bigint, $3::int, $4::text)
ON CONFLICT (worker_id) DO UPDATE SET last_seen = now(), processed_count = EXCLUDED.processed_count
