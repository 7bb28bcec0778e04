-- Samples of one name over the last seconds.
-- bind: name, seconds
--
-- The last sample of each of 120 intervals, for the 50 labels that grew most in that time.
SELECT DISTINCT ON (s.label, s.stretch) s.label, s.at, s.value
  FROM (SELECT s.label, s.at, s.value, floor(extract(epoch FROM s.at) * 120 / $2::numeric) AS stretch
          FROM ordctl.sample s
         WHERE s.name = $1::text AND s.at > now() - make_interval(secs => $2::float8)) AS s
 WHERE s.label IN (SELECT l.label
                     FROM ordctl.sample l
                    CROSS JOIN LATERAL (SELECT f.value
                                          FROM ordctl.sample f
                                         WHERE f.name = l.name AND f.label = l.label
                                           AND f.at > now() - make_interval(secs => $2::float8)
                                         ORDER BY f.at
                                         LIMIT 1) AS first
                    WHERE l.name = $1::text
                      AND l.at = (SELECT max(n.at) FROM ordctl.sample n WHERE n.name = $1::text)
                    ORDER BY l.value - first.value DESC, l.value DESC
                    LIMIT 50)
 ORDER BY s.label, s.stretch, s.at DESC
