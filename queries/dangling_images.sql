-- Docker images seen without a tag before a time, and when each was last seen.
-- bind: engine, before
SELECT substr(s.label, length($1::text) + 2) AS image, max(s.at) AS at
  FROM ordctl.sample s
 WHERE s.name = 'docker_nameless'
   AND starts_with(s.label, $1::text || '/')
   AND s.at <= $2::timestamptz
 GROUP BY s.label
