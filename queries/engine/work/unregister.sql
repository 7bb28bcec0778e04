-- Deregisters a worker without leases.
-- bind: worker
DELETE FROM ordctl.worker WHERE id = $1::text
