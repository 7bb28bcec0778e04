-- Takes over all rows of a worker whose lease has expired.
-- bind: worker, lease
--
-- A committed start counts as an attempt. Rows with attempts left run again; the others become dead letters. One of
-- the rows may have killed the worker. Once a second death could cost another row its last attempt, they run alone.
WITH dead AS (
    SELECT w.id, w.running
      FROM ordctl.worker w
     WHERE w.id = $1::text
       AND greatest(w.lease_until, pg_postmaster_start_time() + make_interval(secs => $2::float8)) < now()
       FOR UPDATE SKIP LOCKED
), held AS (
    SELECT d.id, d.id = ANY (w.running) AS started, t.status, d.attempts, t.max_retries,
           d.id = ANY (w.running) AND (d.attempts >= t.max_retries OR d.cancel OR t.status = 'canceled') AS over
      FROM dead w
      JOIN public.due_work d ON d.locked_by = w.id AND d.lease_token IS NOT NULL
      JOIN public.task t ON t.id = d.task_id
     ORDER BY d.id
       FOR UPDATE OF d
), suspect AS (
    SELECT h.id
      FROM held h
     WHERE h.started AND (h.attempts > 0 OR EXISTS (SELECT FROM held o WHERE o.started AND NOT o.over AND o.attempts + 1 >= o.max_retries))
), ended AS (
    DELETE FROM public.due_work d USING held h
     WHERE d.id = h.id AND h.over
    RETURNING d.id, d.task_id, d.lease_token, d.leased_at, d.locked_by, d.locked_until, d.attempts + 1 AS attempt,
              d.scheduled_at, d.occurrence, d.event, d.cancel
), freed AS (
    UPDATE public.due_work d
       SET attempts = d.attempts + h.started::int,
           alone = d.alone OR d.id IN (SELECT id FROM suspect),
           parked = CASE WHEN h.status <> 'active' THEN 'task'
                         WHEN d.alone OR d.id IN (SELECT id FROM suspect) THEN 'alone' END,
           locked_until = NULL, locked_by = NULL, leased_at = NULL, lease_token = NULL
      FROM held h
      JOIN public.due_work old ON old.id = h.id
     WHERE d.id = h.id AND NOT h.over
    RETURNING d.id, d.task_id, old.lease_token, old.leased_at, old.locked_by, old.locked_until, d.attempts AS attempt,
              d.scheduled_at, d.occurrence, h.started
), runs AS (
    INSERT INTO public.task_run (id, task_id, lease_owner, leased_until, started_at, finished_at,
                                 success, error, attempt, scheduled_at, occurrence, final)
    SELECT occurrence, task_id, locked_by, locked_until, leased_at, now(), false,
           CASE WHEN cancel THEN 'canceled; the worker stopped before the cancellation' ELSE 'the worker stopped during the run' END,
           attempt, scheduled_at, occurrence, true
      FROM ended
    UNION ALL
    SELECT lease_token, task_id, locked_by, locked_until, leased_at, now(), false,
           'the worker stopped during the run', attempt, scheduled_at, occurrence, false
      FROM freed WHERE started
    ON CONFLICT DO NOTHING
), dead_letters AS (
    INSERT INTO ordctl.dead_letter (occurrence, task_id, scheduled_at, event)
    SELECT occurrence, task_id, scheduled_at, event FROM ended WHERE NOT cancel
), slots AS (
    DELETE FROM ordctl.slot s USING held h WHERE s.due_work_id = h.id RETURNING s.key
), gone AS (
    DELETE FROM ordctl.worker w USING dead WHERE w.id = dead.id RETURNING w.id
)
SELECT (SELECT count(*) FROM gone) AS workers, (SELECT count(*) FROM freed) AS freed,
       (SELECT count(*) FROM ended) AS ended, ARRAY(SELECT key FROM slots ORDER BY key) AS keys
