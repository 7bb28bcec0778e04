-- Time until the next occurrence of any task.
SELECT extract(epoch FROM min(next_at) - clock_timestamp())::float8 AS seconds
  FROM ordctl.schedule
 WHERE next_at IS NOT NULL AND NOT (SELECT held FROM ordctl.engine)
