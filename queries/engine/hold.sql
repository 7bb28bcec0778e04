-- keeps every node from starting work
-- bind: by, because
UPDATE ordctl.engine
   SET held = true, held_at = CASE WHEN held THEN held_at ELSE now() END,
       held_by = CASE WHEN held THEN held_by ELSE $1::text END,
       held_because = CASE WHEN held THEN held_because ELSE $2::text END
RETURNING held_at, held_by, held_because
