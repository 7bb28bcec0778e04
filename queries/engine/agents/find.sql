-- An agent by ID or name.
-- bind: id
SELECT a.id, a.name, a.scopes, a.webhook_url, a.created_at
  FROM public.agent a
 WHERE (a.id::text = lower($1::text) OR a.name = $1::text) AND a.name <> 'deleted:' || a.id
 ORDER BY a.id::text = lower($1::text) DESC
 LIMIT 1
