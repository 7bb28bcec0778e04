-- how much work is due, leased and yet to come, how old is the oldest, and of which priority?
-- task: yes
SELECT coalesce(sum(due), 0)::bigint AS value,
       coalesce(sum(due), 0)::bigint AS due,
       coalesce(sum(leased), 0)::bigint AS leased,
       coalesce(sum(future), 0)::bigint AS future,
       coalesce(sum(expired), 0)::bigint AS expired,
       EXTRACT(epoch FROM now() - min(oldest_due))::float8 AS oldest_due_seconds,
       coalesce(jsonb_object_agg(priority, due) FILTER (WHERE due > 0), '{}') AS due_by_priority
  FROM (SELECT t.priority,
               count(*) FILTER (WHERE w.run_at <= now() AND (w.locked_until IS NULL OR w.locked_until < now())) AS due,
               count(*) FILTER (WHERE w.locked_until >= now()) AS leased,
               count(*) FILTER (WHERE w.run_at > now()) AS future,
               count(*) FILTER (WHERE w.locked_until < now()) AS expired,
               min(w.run_at) FILTER (WHERE w.run_at <= now()
                                       AND (w.locked_until IS NULL OR w.locked_until < now())) AS oldest_due
          FROM public.due_work w
          JOIN public.task t ON t.id = w.task_id
         GROUP BY t.priority) AS by_priority
