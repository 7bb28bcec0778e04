-- Settings of the relay's session: it ends soon after its node stops, because it holds the relay lock.
--
-- The relay queries every second, and waits for Redis for a few seconds at most.
SELECT set_config('statement_timeout', '10s', false),
       set_config('tcp_keepalives_idle', '5', false),
       set_config('tcp_keepalives_interval', '2', false),
       set_config('tcp_keepalives_count', '3', false),
       set_config('tcp_user_timeout', '10000', false),
       CASE WHEN current_setting('server_version_num')::int >= 140000
            THEN set_config('idle_session_timeout', '10s', false) END
