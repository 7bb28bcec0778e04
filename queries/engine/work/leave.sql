-- a worker leaves, holding nothing
-- bind: worker
DELETE FROM ordctl.worker WHERE id = $1::text
