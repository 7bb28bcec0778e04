-- Queue depth: due, parked, leased and future work, by priority, and the age of the oldest due item.
-- task: yes
-- Parked work is due but cannot be claimed: its concurrency key is taken, or its task is paused. Where due_work has
-- no column `parked`, the name resolves to that of `otherwise`.
SELECT coalesce(sum(due), 0)::bigint AS value,
       coalesce(sum(due), 0)::bigint AS due,
       coalesce(sum(parked), 0)::bigint AS parked,
       coalesce(sum(leased), 0)::bigint AS leased,
       coalesce(sum(future), 0)::bigint AS future,
       coalesce(sum(expired), 0)::bigint AS expired,
       EXTRACT(epoch FROM now() - min(oldest_due))::float8 AS oldest_due_seconds,
       coalesce(jsonb_object_agg(priority, due) FILTER (WHERE due > 0), '{}') AS due_by_priority
  FROM (SELECT t.priority,
               count(*) FILTER (WHERE w.waits AND NOT w.is_parked) AS due,
               count(*) FILTER (WHERE w.waits AND w.is_parked) AS parked,
               count(*) FILTER (WHERE w.locked_until >= now()) AS leased,
               count(*) FILTER (WHERE w.run_at > now()) AS future,
               count(*) FILTER (WHERE w.locked_until < now()) AS expired,
               min(w.run_at) FILTER (WHERE w.waits AND NOT w.is_parked) AS oldest_due
          FROM (SELECT NULL::text AS parked) AS otherwise,
               LATERAL (SELECT d.task_id, d.run_at, d.locked_until,
                               d.run_at <= now() AND (d.locked_until IS NULL OR d.locked_until < now()) AS waits,
                               coalesce(parked IN ('key', 'task'), false) AS is_parked
                          FROM public.due_work d) AS w
          JOIN public.task t ON t.id = w.task_id
         GROUP BY t.priority) AS by_priority
