-- Deletes a node's heartbeat when it stops.
-- bind: node
DELETE FROM public.worker_heartbeat WHERE worker_id = $1::text
