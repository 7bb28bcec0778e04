-- Topics with active tasks or with events within a day.
-- bind: owner
SELECT x.topic, sum(x.tasks)::bigint AS active_tasks, sum(x.events)::bigint AS events_last_day,
       max(x.last_at) AS last_published_at
  FROM (SELECT t.schedule_expr AS topic, count(*) AS tasks, 0 AS events, NULL::timestamptz AS last_at
          FROM public.task t
         WHERE t.schedule_kind = 'event' AND t.status = 'active' AND t.schedule_expr IS NOT NULL
           AND ($1::text = '' OR t.created_by = nullif($1::text, '')::uuid)
         GROUP BY 1
         UNION ALL
        SELECT e.topic, 0, count(*), max(e.published_at)
          FROM ordctl.event e
         WHERE e.published_at > now() - interval '1 day'
           AND ($1::text = '' OR e.source_agent_id = nullif($1::text, '')::uuid)
         GROUP BY 1) AS x
 GROUP BY x.topic
 ORDER BY x.topic
 LIMIT 1000
