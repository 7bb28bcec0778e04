-- Tasks that match an ID, the beginning of an ID, or a title.
-- bind: name
SELECT t.id, t.title, t.status
  FROM public.task t
 WHERE t.id::text = lower($1::text)
    OR t.title = $1::text
    OR (length($1::text) >= 4 AND starts_with(t.id::text, lower($1::text)))
 ORDER BY t.created_at DESC
 LIMIT 20
