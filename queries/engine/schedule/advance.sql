-- Queues occurrences and advances the schedule cursors of their tasks, atomically.
-- bind: tasks, cursors, changes, new_cursors, nexts, errors, occurrence_tasks, instants, occurrences
--
-- Nothing happens for a task whose cursor moved or that was edited since it was read. A row locked by another
-- scheduler is skipped.
WITH wanted AS (
    SELECT *
      FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::text[])
        AS w (task_id, cursor_at, changed_at, new_cursor, next_at, error)
), locked AS MATERIALIZED (
    SELECT w.task_id, w.new_cursor, w.next_at, w.error, t.status = 'active' AS active, t.created_by, t.priority,
           t.concurrency_key, t.dedupe_key, t.dedupe_window_seconds
      FROM wanted w
      JOIN ordctl.schedule s ON s.task_id = w.task_id AND s.cursor_at = w.cursor_at AND s.changed_at = w.changed_at
      JOIN public.task t ON t.id = w.task_id
       FOR UPDATE OF s SKIP LOCKED
       FOR SHARE OF t SKIP LOCKED
), moved AS (
    UPDATE ordctl.schedule s
       SET cursor_at = l.new_cursor, next_at = l.next_at, error = l.error, changed = false
      FROM locked l
     WHERE s.task_id = l.task_id
    RETURNING s.task_id
), coming AS (
    SELECT o.task_id, o.at, o.occurrence, l.created_by, l.priority, l.concurrency_key, l.dedupe_key,
           l.dedupe_window_seconds,
           row_number() OVER (PARTITION BY l.created_by, l.dedupe_key ORDER BY o.at, o.task_id) AS n
      FROM unnest($7::uuid[], $8::timestamptz[], $9::uuid[]) AS o (task_id, at, occurrence)
      JOIN locked l ON l.task_id = o.task_id AND l.active
), fresh AS (
    INSERT INTO ordctl.dedupe AS d (created_by, key, queued_at)
    SELECT created_by, dedupe_key, now()
      FROM coming
     WHERE dedupe_key IS NOT NULL AND dedupe_window_seconds > 0 AND n = 1
     ORDER BY created_by, dedupe_key
    ON CONFLICT (created_by, key) DO UPDATE SET queued_at = now()
     WHERE d.queued_at <= now() - make_interval(secs => (
               SELECT c.dedupe_window_seconds FROM coming c
                WHERE c.created_by = EXCLUDED.created_by AND c.dedupe_key = EXCLUDED.key AND c.n = 1))
    RETURNING d.created_by, d.key
), queued AS (
    INSERT INTO public.due_work (task_id, run_at, scheduled_at, occurrence, priority, concurrency_key)
    SELECT c.task_id, c.at, c.at, c.occurrence, c.priority, c.concurrency_key
      FROM coming c
     WHERE c.dedupe_key IS NULL OR c.dedupe_window_seconds = 0
        OR (c.n = 1 AND EXISTS (SELECT FROM fresh f WHERE f.created_by = c.created_by AND f.key = c.dedupe_key))
    ON CONFLICT DO NOTHING
    RETURNING task_id
)
SELECT (SELECT count(*) FROM moved) AS moved, (SELECT count(*) FROM queued) AS queued
