-- Records the identity of this database, and sets a hold when it differs from the recorded one.
WITH here AS (
    SELECT (SELECT c.system_identifier::text FROM pg_control_system() c) AS system_identifier,
           (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) AS database_oid
), known AS (
    UPDATE ordctl.engine e
       SET system_identifier = coalesce(e.system_identifier, here.system_identifier),
           database_oid = coalesce(e.database_oid, here.database_oid),
           held = e.held OR m.moved,
           held_at = CASE WHEN m.moved AND NOT e.held THEN now() ELSE e.held_at END,
           held_by = CASE WHEN m.moved AND NOT e.held THEN 'ordctl' ELSE e.held_by END,
           held_because = CASE WHEN m.moved AND NOT e.held THEN 'this database was restored or cloned' ELSE e.held_because END
      FROM here
     CROSS JOIN LATERAL (SELECT coalesce(f.system_identifier <> here.system_identifier
                                       OR f.database_oid <> here.database_oid, false) AS moved
                           FROM ordctl.engine f) AS m
    RETURNING e.held, e.held_by, e.held_because, e.held_at
)
SELECT held, held_by, held_because, held_at FROM known
