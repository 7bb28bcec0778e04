-- a node has left in good order
-- bind: node
DELETE FROM public.worker_heartbeat WHERE worker_id = $1::text
