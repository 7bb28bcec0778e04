-- Security events of the audit log by action: count, first, last and newest.
-- bind: since, until, actions, newest
SELECT action,
       count(*) AS count,
       min(at) AS first,
       max(at) AS last,
       jsonb_agg(jsonb_build_object('at', at, 'actor', actor, 'subject', subject_id, 'details', details)
                 ORDER BY place) FILTER (WHERE place <= $4::bigint) AS newest
  FROM (SELECT a.action, a.at, a.subject_id, a.details,
               coalesce(g.name, a.actor_agent_id::text) AS actor,
               row_number() OVER (PARTITION BY a.action ORDER BY a.at DESC, a.id DESC) AS place
          FROM public.audit_log a
          LEFT JOIN public.agent g ON g.id = a.actor_agent_id
         WHERE a.at >= $1::timestamptz
           AND a.at < $2::timestamptz
           AND a.action IN (SELECT jsonb_array_elements_text($3::jsonb))) AS events
 GROUP BY action
 ORDER BY count(*) DESC, action
