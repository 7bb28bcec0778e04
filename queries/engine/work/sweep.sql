-- Repairs rows that no other statement reaches.
--
-- Waiting rows whose key is free, rows of canceled tasks, and leases of unregistered workers.
WITH stray AS (
    SELECT d.id
      FROM public.due_work d
     WHERE d.lease_token IS NOT NULL AND d.locked_until < now()
       AND NOT EXISTS (SELECT FROM ordctl.worker w WHERE w.id = d.locked_by)
     ORDER BY d.id
       FOR UPDATE SKIP LOCKED
), released AS (
    UPDATE public.due_work d
       SET locked_until = NULL, locked_by = NULL, leased_at = NULL, lease_token = NULL,
           alone = true, parked = 'alone'
      FROM stray
     WHERE d.id = stray.id
    RETURNING 1
), dropped AS (
    DELETE FROM public.due_work d
     USING public.task t
     WHERE d.parked = 'task' AND t.id = d.task_id AND t.status = 'canceled' AND d.lease_token IS NULL
    RETURNING 1
), slots AS (
    DELETE FROM ordctl.slot s
     WHERE s.since < now() - interval '1 minute'
       AND NOT EXISTS (SELECT FROM public.due_work d WHERE d.id = s.due_work_id AND d.lease_token IS NOT NULL)
    RETURNING s.key
)
SELECT (SELECT count(*) FROM released) AS released, (SELECT count(*) FROM dropped) AS dropped,
       ARRAY(SELECT DISTINCT d.concurrency_key FROM public.due_work d
              WHERE d.parked = 'key'
                AND NOT EXISTS (SELECT FROM ordctl.slot s WHERE s.key = d.concurrency_key)
              UNION SELECT key FROM slots) AS keys
