-- Deletes expired dead letters of the next batch, and returns where the following batch begins.
-- bind: seconds, after, limit
--
-- No index covers the time of all dead letters, so the table is scanned by primary key in batches.
WITH batch AS MATERIALIZED (
    SELECT l.occurrence AS id, l.at
      FROM ordctl.dead_letter l
     WHERE l.occurrence > $2::uuid
     ORDER BY l.occurrence
     LIMIT $3::int
), gone AS (
    DELETE FROM ordctl.dead_letter l
     USING batch b
     WHERE l.occurrence = b.id AND b.at < now() - make_interval(secs => $1::float8)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) AS deleted, (SELECT count(*) FROM batch) AS seen,
       (SELECT id FROM batch ORDER BY id DESC LIMIT 1) AS last
