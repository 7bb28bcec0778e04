-- lets work start again, in this database
UPDATE ordctl.engine e
   SET held = false, held_at = NULL, held_by = NULL, held_because = NULL,
       system_identifier = (SELECT c.system_identifier::text FROM pg_control_system() c),
       database_oid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
