-- Last heartbeat of each worker, and the current time of the database.
SELECT EXTRACT(epoch FROM clock_timestamp())::float8 AS now,
       coalesce(jsonb_object_agg(worker_id, EXTRACT(epoch FROM last_seen)::float8), '{}') AS workers
  FROM public.worker_heartbeat
