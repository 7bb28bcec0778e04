-- Hold state of the engine.
SELECT held, held_by, held_because, held_at FROM ordctl.engine
