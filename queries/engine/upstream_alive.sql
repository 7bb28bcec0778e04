-- Signs that upstream's scheduler or workers run on this database.
--
-- Heartbeats of ordctl have names that begin with `ordctl:`.
SELECT (SELECT string_agg(worker_id, ', ') FROM public.worker_heartbeat
         WHERE last_seen > now() - interval '60 seconds' AND worker_id NOT LIKE 'ordctl:%') AS workers,
       coalesce((SELECT (xpath('/row/fresh/text()', query_to_xml(
                            'SELECT coalesce(min(next_run_time) > extract(epoch FROM now()) - 60, false) AS fresh FROM public.apscheduler_jobs',
                            false, true, '')))[1]::text::bool
                   WHERE to_regclass('public.apscheduler_jobs') IS NOT NULL), false) AS scheduler
