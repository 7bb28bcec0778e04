-- Cancels all probe tasks, so that no scheduler queues more of their work.
UPDATE public.task t
   SET status = 'canceled'
 WHERE t.created_by = '00000000-0000-0000-0000-000000000001' AND t.schedule_kind = 'once'
   AND t.title LIKE 'ordctl baseline probe %' AND t.payload #> '{params,ordctl_probe}' IS NOT NULL
   AND t.status <> 'canceled'
