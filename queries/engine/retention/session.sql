-- Settings of a retention session: no plans that scan whole tables, a lock timeout, and an idle timeout.
-- The session ends soon after its node stops, because it holds the retention lock.
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
