-- Age of the oldest prepared transaction.
SELECT EXTRACT(epoch FROM now() - min(prepared)) AS value,
       format('%s prepared', count(*)) AS note
  FROM pg_catalog.pg_prepared_xacts
HAVING count(*) > 0
