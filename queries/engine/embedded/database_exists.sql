-- is the embedded server's database there?
SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = 'orchestrator') AS found
