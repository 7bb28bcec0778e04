-- Actions of the audit log since a time: count and number of distinct actors.
-- bind: since
SELECT a.action AS action, count(*) AS count, count(DISTINCT a.actor_agent_id) AS actors
  FROM public.audit_log a
 WHERE a.at >= $1::timestamptz
 GROUP BY a.action
 ORDER BY count(*) DESC, a.action
