-- Deletes samples older than a year, and keeps one per day of those older than five weeks.
-- bind: limit
WITH old AS MATERIALIZED (
    SELECT s.name, s.label, s.at
      FROM ordctl.sample s
     WHERE s.at < now() - interval '35 days'
       AND (s.at < now() - interval '1 year'
            OR EXISTS (SELECT FROM ordctl.sample first
                        WHERE first.name = s.name AND first.label = s.label
                          AND first.at >= date_trunc('day', s.at, 'UTC') AND first.at < s.at))
     ORDER BY s.at
     LIMIT $1::int
)
DELETE FROM ordctl.sample s
 USING old
 WHERE s.name = old.name AND s.label = old.label AND s.at = old.at
