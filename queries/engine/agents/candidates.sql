-- Agents that match an ID, the beginning of an ID, or a name.
-- bind: name
SELECT a.id, a.name, a.scopes, a.webhook_url, a.created_at
  FROM public.agent a
 WHERE a.name <> 'deleted:' || a.id
   AND (a.id::text = lower($1::text) OR a.name = $1::text
        OR (length($1::text) >= 4 AND starts_with(a.id::text, lower($1::text))))
 ORDER BY a.id::text = lower($1::text) DESC, a.name = $1::text DESC, a.created_at DESC, a.id
 LIMIT 20
