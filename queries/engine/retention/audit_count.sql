-- Rows of the audit log past an age.
-- bind: seconds
SELECT count(*) AS due FROM public.audit_log a WHERE a.at < now() - make_interval(secs => $1::float8)
