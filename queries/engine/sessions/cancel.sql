-- Cancels the statement of a session that is still in the same transaction.
-- bind: pid, started, transaction
SELECT to_jsonb(pg_catalog.pg_cancel_backend(a.pid))
  FROM pg_catalog.pg_stat_activity a
 WHERE a.pid = $1::text::int
   AND (extract(epoch FROM a.backend_start) * 1000000)::bigint = $2::text::bigint
   AND (extract(epoch FROM a.xact_start) * 1000000)::bigint IS NOT DISTINCT FROM nullif($3::text, '')::bigint
