-- Indexes of upstream that cost more than they gain.
-- An index is identified by its definition, not its name. A replacement is listed only while the original exists.
-- For the reasons see migrations/0001_base.sql.
WITH upstream (definition, because, instead) AS (
    VALUES
    ('CREATE INDEX % ON public.due_work USING btree (run_at, locked_until) WHERE (locked_until IS NULL)',
     'makes each lease and release update every index; (run_at) serves the same queries',
     'CREATE INDEX % ON public.due_work USING btree (run_at)'),
    ('CREATE INDEX % ON public.task USING btree (status)', 'three values; a sequential scan is faster', NULL),
    ('CREATE INDEX % ON public.task USING btree (schedule_kind)', 'five values; a sequential scan is faster', NULL),
    ('CREATE INDEX % ON public.task USING btree (priority DESC, created_at)', 'no query uses this order', NULL),
    ('CREATE INDEX % ON public.task USING gin (payload)', 'no query searches payloads', NULL),
    ('CREATE INDEX % ON public.task_run USING btree (task_id)',
     'a prefix of (task_id, success, started_at desc)',
     'CREATE INDEX % ON public.task_run USING btree (task_id, success, started_at DESC)'),
    ('CREATE INDEX % ON public.task_run USING btree (success)', 'two values; a sequential scan is faster', NULL),
    ('CREATE INDEX % ON public.task_run USING gin (output)', 'no query searches outputs', NULL),
    ('CREATE INDEX % ON public.audit_log USING btree (actor_agent_id)', 'written with every action, rarely read', NULL),
    ('CREATE INDEX % ON public.audit_log USING btree (action)', 'written with every action, rarely read', NULL),
    ('CREATE INDEX % ON public.audit_log USING gin (details)', 'no query searches details', NULL)
), present AS (
    SELECT n.nspname AS schema, c.relname AS name, t.relname AS relation, i.indexrelid AS id, i.indisvalid AS valid,
           regexp_replace(pg_catalog.pg_get_indexdef(i.indexrelid), ' INDEX \S+ ON ', ' INDEX % ON ') AS definition
      FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid)
)
SELECT p.schema, p.name, p.relation,
       regexp_replace(p.definition, '^.* USING ', '') AS definition,
       u.because,
       pg_catalog.pg_relation_size(p.id) AS bytes,
       coalesce(s.idx_scan, 0) AS scans,
       (SELECT d.stats_reset FROM pg_catalog.pg_stat_database d
         WHERE d.datname = pg_catalog.current_database()) AS since
  FROM upstream u
  JOIN present p ON p.definition = u.definition
  LEFT JOIN pg_catalog.pg_stat_user_indexes s ON s.indexrelid = p.id
 WHERE u.instead IS NULL
    OR EXISTS (SELECT FROM present o WHERE o.definition = u.instead AND o.valid)
 ORDER BY p.relation, p.name
