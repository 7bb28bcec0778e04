-- Records failed attempts and requeues their work for later; canceled work ends here.
-- bind: ids, tokens, errors, outputs, started, finished, waits
WITH o AS (
    SELECT *
      FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[],
                  $6::timestamptz[], $7::float8[])
        AS o (id, token, error, output, started_at, finished_at, wait)
), canceled AS (
    DELETE FROM public.due_work d
     USING o
     WHERE d.id = o.id AND d.lease_token = o.token AND d.cancel
    RETURNING d.id, d.task_id, d.scheduled_at, d.occurrence, d.attempts + 1 AS attempts, d.locked_by, d.locked_until,
              o.output, o.started_at, o.finished_at
), kept AS (
    UPDATE public.due_work d
       SET attempts = d.attempts + 1,
           run_at = now() + make_interval(secs => o.wait),
           locked_until = NULL, locked_by = NULL, leased_at = NULL, lease_token = NULL,
           parked = CASE WHEN (SELECT t.status FROM public.task t WHERE t.id = d.task_id) <> 'active' THEN 'task'
                         WHEN d.alone THEN 'alone'
                    END
      FROM o
      JOIN public.due_work old ON old.id = o.id
     WHERE d.id = o.id AND d.lease_token = o.token AND NOT d.cancel
    RETURNING d.id, d.task_id, d.scheduled_at, d.occurrence, d.attempts, old.locked_by, old.locked_until,
              o.token, o.error, o.output, o.started_at, o.finished_at
), runs AS (
    INSERT INTO public.task_run (id, task_id, lease_owner, leased_until, started_at, finished_at,
                                 success, error, attempt, output, scheduled_at, occurrence, final)
    SELECT token, task_id, locked_by, locked_until, started_at, finished_at,
           false, error, attempts, output::jsonb, scheduled_at, occurrence, false
      FROM kept
     UNION ALL
    SELECT occurrence, task_id, locked_by, locked_until, started_at, finished_at,
           false, 'canceled', attempts, output::jsonb, scheduled_at, occurrence, true
      FROM canceled
    ON CONFLICT DO NOTHING
)
SELECT id FROM kept
