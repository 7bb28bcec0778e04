-- deletes the old ones among the next events; where does the next batch begin?
-- bind: before, after, limit, needed, stream
--
-- Where there is a stream, what is not in it yet stays.
-- No index has the time of events: the table is walked by its key, a batch at a time.
WITH batch AS MATERIALIZED (
    SELECT e.id, e.published_at
      FROM ordctl.event e
     WHERE e.id > $2::uuid
     ORDER BY e.id
     LIMIT $3::int
), gone AS (
    DELETE FROM ordctl.event e
     USING batch b
     WHERE e.id = b.id AND b.published_at < $1::timestamptz AND b.id <> ALL ($4::uuid[])
       AND (e.stream_id IS NOT NULL OR NOT $5::bool)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) AS deleted, (SELECT count(*) FROM batch) AS seen,
       (SELECT id FROM batch ORDER BY id DESC LIMIT 1) AS last
