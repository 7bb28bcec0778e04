-- Dead letters of the last 24 hours that nobody retried.
SELECT count(*)::float8 AS value
  FROM ordctl.dead_letter
 WHERE retried_at IS NULL
   AND at > now() - interval '1 day'
