-- may work start?
SELECT held, held_by, held_because, held_at FROM ordctl.engine
