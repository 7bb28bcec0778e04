-- Number of dead letters that were not retried, up to a limit.
-- bind: limit
SELECT count(*) AS total
  FROM (SELECT FROM ordctl.dead_letter WHERE retried_at IS NULL LIMIT $1::int) AS l
