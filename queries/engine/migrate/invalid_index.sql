-- Whether an invalid index of this name exists, left by a failed concurrent build.
-- bind: schema, name
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1::text AND c.relname = $2::text AND NOT i.indisvalid
) AS invalid
