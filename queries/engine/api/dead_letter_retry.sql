-- Queues dead letters of active tasks again, each with a new ID and its event.
-- bind: occurrences, actor, details
--
-- A concurrent retry of the same dead letter waits and then finds it retried. The row lock on the task serializes
-- this with a pause. The dedupe key does not apply: the occurrence already passed it once.
WITH wanted AS MATERIALIZED (
    SELECT l.occurrence, l.task_id
      FROM ordctl.dead_letter l
     WHERE l.occurrence = ANY ($1::uuid[]) AND l.retried_at IS NULL
     ORDER BY l.occurrence
       FOR UPDATE
), t AS MATERIALIZED (
    SELECT o.id, o.status, o.priority, o.concurrency_key
      FROM public.task o
     WHERE o.id IN (SELECT w.task_id FROM wanted w)
     ORDER BY o.id
       FOR SHARE
), retried AS (
    UPDATE ordctl.dead_letter l
       SET retried_at = now()
      FROM wanted w
      JOIN t ON t.id = w.task_id AND t.status = 'active'
     WHERE l.occurrence = w.occurrence
    RETURNING l.occurrence, l.task_id, l.scheduled_at, l.event, t.priority, t.concurrency_key,
              gen_random_uuid() AS fresh
), queued AS (
    INSERT INTO public.due_work (task_id, run_at, scheduled_at, occurrence, priority, concurrency_key, event)
    SELECT task_id, now(), scheduled_at, fresh, priority, concurrency_key, event FROM retried
), audit AS (
    INSERT INTO public.audit_log (actor_agent_id, action, subject_id, details)
    SELECT $2::uuid, 'run.retried', occurrence, $3::jsonb || jsonb_build_object('occurrence', fresh, 'task_id', task_id)
      FROM retried
)
SELECT jsonb_build_object('letter', a.id, 'task', o.title, 'occurrence', r.fresh,
                          'refused', CASE WHEN r.fresh IS NOT NULL THEN NULL
                                          WHEN l.occurrence IS NULL THEN 'no dead letter has this id'
                                          WHEN w.occurrence IS NULL THEN 'already retried'
                                          ELSE 'the task is ' || t.status END)
  FROM unnest($1::uuid[]) WITH ORDINALITY AS a (id, place)
  LEFT JOIN ordctl.dead_letter l ON l.occurrence = a.id
  LEFT JOIN public.task o ON o.id = l.task_id
  LEFT JOIN wanted w ON w.occurrence = a.id
  LEFT JOIN t ON t.id = w.task_id
  LEFT JOIN retried r ON r.occurrence = a.id
 ORDER BY a.place
