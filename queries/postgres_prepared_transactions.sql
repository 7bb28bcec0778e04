-- how long has the oldest prepared transaction been waiting for its second phase?
SELECT EXTRACT(epoch FROM now() - min(prepared)) AS value,
       format('%s in all', count(*)) AS note
  FROM pg_catalog.pg_prepared_xacts
HAVING count(*) > 0
