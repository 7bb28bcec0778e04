-- All agents.
SELECT a.id, a.name, a.scopes, a.webhook_url, a.created_at
  FROM public.agent a
 WHERE a.name <> 'deleted:' || a.id
 ORDER BY a.created_at, a.id
 LIMIT 10000
