-- Records final runs and deletes their due work, atomically.
-- bind: ids, tokens, successes, errors, outputs, started, finished, dead_letters
--
-- An occurrence that already has a final run raises a unique violation, because that run has its ID; see
-- discard.sql. A row with another token belongs to another worker, and nothing is written for it.
WITH o AS (
    SELECT *
      FROM unnest($1::bigint[], $2::uuid[], $3::bool[], $4::text[], $5::text[],
                  $6::timestamptz[], $7::timestamptz[], $8::bool[])
        AS o (id, token, success, error, output, started_at, finished_at, letter)
), done AS (
    DELETE FROM public.due_work d
     USING o
     WHERE d.id = o.id AND d.lease_token = o.token
    RETURNING d.id, d.task_id, d.scheduled_at, d.occurrence, d.event, d.attempts, d.locked_by, d.locked_until,
              o.success, o.error, o.output, o.started_at, o.finished_at, o.letter
), dead_letters AS (
    INSERT INTO ordctl.dead_letter (occurrence, task_id, scheduled_at, event)
    SELECT occurrence, task_id, scheduled_at, event FROM done WHERE letter
), runs AS (
    INSERT INTO public.task_run (id, task_id, lease_owner, leased_until, started_at, finished_at,
                                 success, error, attempt, output, scheduled_at, occurrence, final)
    SELECT occurrence, task_id, locked_by, locked_until, started_at, finished_at,
           success, error, attempts + 1, output::jsonb, scheduled_at, occurrence, true
      FROM done
)
SELECT id FROM done
