-- Settings of a worker's session: no plans that scan whole tables, and timeouts in milliseconds.
-- bind: limit
--
-- A generic plan does not know how few rows a claim needs. Without sorts, only the index in claim order remains.
SELECT set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('enable_hashjoin', 'off', false),
       set_config('enable_mergejoin', 'off', false),
       set_config('enable_seqscan', 'off', false),
       set_config('enable_sort', 'off', false),
       set_config('enable_incremental_sort', 'off', false),
       set_config('jit', 'off', false),
       set_config('statement_timeout', $1::bigint::text, false),
       set_config('idle_in_transaction_session_timeout', $1::bigint::text, false)
