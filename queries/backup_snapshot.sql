-- under which name can others see what this transaction sees, and since when?
SELECT pg_catalog.pg_export_snapshot() AS id, transaction_timestamp() AS at
