-- Rules of pg_hba.conf that accept a login without a password or with one in clear text.
SELECT h.line_number AS line,
       h.type AS type,
       array_to_string(h.database, ',') AS database,
       array_to_string(h.user_name, ',') AS role,
       coalesce(h.address, '') AS address,
       h.auth_method AS method,
       h.type = 'local' OR coalesce(h.address IN ('localhost', '::1', 'samehost') OR h.address ~ '^127[.]', false) AS here
  FROM pg_catalog.pg_hba_file_rules h
 WHERE h.error IS NULL
   AND (h.auth_method = 'trust' OR (h.auth_method = 'password' AND h.type <> 'hostssl'))
 ORDER BY h.line_number
