-- what a session that deletes needs: plans that never read a whole table, and an end to waiting
SELECT set_config('enable_hashjoin', 'off', false),
       set_config('enable_mergejoin', 'off', false),
       set_config('enable_seqscan', 'off', false),
       set_config('jit', 'off', false),
       set_config('statement_timeout', '30s', false),
       set_config('lock_timeout', '2s', false),
       set_config('idle_in_transaction_session_timeout', '30s', false)
