-- which worker sent its last heartbeat when, and what time is it there?
SELECT EXTRACT(epoch FROM clock_timestamp())::float8 AS now,
       coalesce(jsonb_object_agg(worker_id, EXTRACT(epoch FROM last_seen)::float8), '{}') AS workers
  FROM public.worker_heartbeat
