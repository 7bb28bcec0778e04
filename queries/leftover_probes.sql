-- Probe tasks that `ordctl baseline` left behind.
SELECT count(*) AS value
  FROM public.task t
 WHERE t.created_by = '00000000-0000-0000-0000-000000000001' AND t.schedule_kind = 'once'
   AND t.title LIKE 'ordctl baseline probe %' AND t.payload #> '{params,ordctl_probe}' IS NOT NULL
