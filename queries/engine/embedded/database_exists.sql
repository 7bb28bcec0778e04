-- Whether the database of the embedded server exists.
SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = 'orchestrator') AS found
