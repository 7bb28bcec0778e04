-- Check constraints that compare a lease with the clock on every write.
SELECT c.conname AS name, r.relname AS relation
  FROM pg_catalog.pg_constraint c
  JOIN pg_catalog.pg_class r ON r.oid = c.conrelid
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
 WHERE c.contype = 'c'
   AND (c.conrelid, a.attname) IN (
           (to_regclass('public.task_run'), 'leased_until'),
           (to_regclass('public.due_work'), 'locked_until'))
   AND pg_catalog.pg_get_constraintdef(c.oid)
       ~* '\m((now|(clock|statement|transaction)_timestamp)\(\)|current_(timestamp|date)|localtimestamp)'
 ORDER BY relation, name
