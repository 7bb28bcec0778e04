-- Tasks whose text is not UTF-8, in an SQL_ASCII database.
--
-- There a regular expression matches single bytes; these are the well-formed sequences of the Unicode standard,
-- table 3-7.
SELECT t.id
  FROM public.task t
 WHERE current_setting('server_encoding') = 'SQL_ASCII'
   AND concat_ws(' ', t.title, t.description, t.schedule_expr, t.timezone, t.payload, t.dedupe_key, t.backoff_strategy,
                 t.concurrency_key) !~
       ('^([\u0001-\u007f]|[\u00c2-\u00df][\u0080-\u00bf]|\u00e0[\u00a0-\u00bf][\u0080-\u00bf]'
        '|[\u00e1-\u00ec\u00ee\u00ef][\u0080-\u00bf]{2}|\u00ed[\u0080-\u009f][\u0080-\u00bf]'
        '|\u00f0[\u0090-\u00bf][\u0080-\u00bf]{2}|[\u00f1-\u00f3][\u0080-\u00bf]{3}|\u00f4[\u0080-\u008f][\u0080-\u00bf]{2})*$')
 ORDER BY t.created_at, t.id
