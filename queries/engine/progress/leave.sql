-- Deletes the progress of a node that stops.
-- bind: node
DELETE FROM ordctl.loop_progress WHERE node = $1::text
