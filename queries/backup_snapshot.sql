-- Exported name and start time of this transaction's snapshot.
SELECT pg_catalog.pg_export_snapshot() AS id, transaction_timestamp() AS at
