-- Deletes the oldest runs past an age that are over.
-- bind: seconds, limit
--
-- Attempts of an occurrence that is queued or running stay at any age. A run without an end is over when no lease
-- protects it: Ordinaut's worker crashed and left the row. Two ranges of the index on started_at, with and without a time.
WITH old AS MATERIALIZED (
    SELECT o.id
      FROM (
            (SELECT r.id
               FROM public.task_run r
              WHERE r.started_at < now() - make_interval(secs => $1::float8)
                AND (r.finished_at IS NOT NULL
                     OR ((r.leased_until IS NULL OR r.leased_until < now())
                         AND NOT EXISTS (SELECT FROM public.due_work d
                                          WHERE d.task_id = r.task_id AND d.locked_by = r.lease_owner
                                            AND d.locked_until >= now())))
                AND NOT EXISTS (SELECT FROM public.due_work d WHERE d.occurrence = r.occurrence)
              ORDER BY r.started_at
              LIMIT $2::int)
             UNION ALL
            (SELECT r.id
               FROM public.task_run r
              WHERE r.started_at IS NULL AND r.created_at < now() - make_interval(secs => $1::float8)
                AND (r.leased_until IS NULL OR r.leased_until < now())
                AND NOT EXISTS (SELECT FROM public.due_work d
                                 WHERE d.task_id = r.task_id AND d.locked_by = r.lease_owner
                                   AND d.locked_until >= now())
                AND NOT EXISTS (SELECT FROM public.due_work d WHERE d.occurrence = r.occurrence)
              LIMIT $2::int)
           ) AS o
     LIMIT $2::int
)
DELETE FROM public.task_run r USING old WHERE r.id = old.id
