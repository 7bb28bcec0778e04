-- Records that a step is about to run; a resumed run repeats it.
-- bind: operation, position, step, uses, calls
INSERT INTO ordctl.operation_step (operation_id, position, step_id, uses, calls, status)
VALUES ($1::text::uuid, $2::text::int, $3::text, $4::text, $5::text::jsonb, 'running')
ON CONFLICT (operation_id, position) DO UPDATE
   SET started_at = now(), finished_at = NULL, status = 'running', error = NULL, result = NULL
