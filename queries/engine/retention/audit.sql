-- Deletes the oldest rows of the audit log past an age.
-- bind: seconds, limit
WITH old AS MATERIALIZED (
    SELECT a.id
      FROM public.audit_log a
     WHERE a.at < now() - make_interval(secs => $1::float8)
     ORDER BY a.at
     LIMIT $2::int
)
DELETE FROM public.audit_log a USING old WHERE a.id = old.id
