-- what a session that deletes needs: plans that never read a whole table, an end to waiting, and an end
-- of its own soon after its node is gone or asleep, for it holds the lock
SELECT set_config('enable_hashjoin', 'off', false),
       set_config('enable_mergejoin', 'off', false),
       set_config('enable_seqscan', 'off', false),
       set_config('jit', 'off', false),
       set_config('statement_timeout', '30s', false),
       set_config('lock_timeout', '2s', false),
       set_config('idle_in_transaction_session_timeout', '30s', false),
       set_config('tcp_keepalives_idle', '10', false),
       set_config('tcp_keepalives_interval', '5', false),
       set_config('tcp_keepalives_count', '3', false),
       set_config('tcp_user_timeout', '30000', false),
       CASE WHEN current_setting('server_version_num')::int >= 140000
            THEN set_config('idle_session_timeout', '30s', false) END
