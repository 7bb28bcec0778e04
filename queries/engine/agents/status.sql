-- Agents with the number of their valid credentials and sessions, and their last use.
SELECT a.id, a.name, a.scopes,
       count(c.id) FILTER (WHERE c.kind = 'key' AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now())) AS keys,
       count(c.id) FILTER (WHERE c.kind = 'secret' AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now())) AS secrets,
       (SELECT count(*) FROM ordctl.session s
         WHERE s.agent_id = a.id AND s.revoked_at IS NULL AND s.expires_at > now()) AS sessions,
       max(c.last_used_at) AS last_used_at, a.created_at
  FROM public.agent a
  LEFT JOIN ordctl.credential c ON c.agent_id = a.id
 WHERE a.name <> 'deleted:' || a.id
 GROUP BY a.id
 ORDER BY a.created_at, a.id
 LIMIT 10000
