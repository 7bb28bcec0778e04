//! Redis: one multiplexed connection, opened on first use and reopened after an error.
//!
//! For other machines `redis://` means `rediss://` with a verified certificate unless `redis.tls` is set, so
//! that no password crosses a network unencrypted by accident.

mod address;
mod entry;
mod group;
mod info;
mod stream;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ErrorKind, RedisError};
use tokio::sync::Mutex;

use super::error::chain;
use super::http::install_crypto;
use super::{ClientError, ErrorCode};
use crate::base::settings;
use address::Address;

pub(crate) use entry::{Entry, place};
pub(crate) use info::{Info, Keyspace};

/// The system's name in findings and errors.
pub(crate) const SYSTEM: &str = "redis";

/// Deadline of a command, besides the time for which it blocks by design.
const RESPONSE_LIMIT: Duration = Duration::from_secs(5);

pub struct Redis {
    address: Address,
    stream: String,
    max_length: usize,
    connect_timeout: Duration,
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl Redis {
    /// Reads the settings; connects to nothing.
    pub fn new(settings: &settings::Redis) -> Result<Self, ClientError> {
        Ok(Self {
            address: Address::new(settings)?,
            stream: settings.stream.clone(),
            max_length: settings.max_length,
            connect_timeout: settings.connect_timeout.duration(),
            connection: Mutex::new(None),
        })
    }

    /// Where it is, without secrets: `host:port/db`.
    pub(crate) fn target(&self) -> String {
        self.address.target()
    }

    /// How to reach it with redis-cli, without secrets, such as `redis-cli -h cache -p 6380`.
    pub(crate) fn cli(&self) -> String {
        self.address.cli()
    }

    pub(crate) fn stream(&self) -> &str {
        &self.stream
    }

    /// How long a PING takes on an open connection.
    pub(crate) async fn ping(&self) -> Result<Duration, ClientError> {
        // The connection's own time does not count.
        drop(self.connection().await?);
        let started = Instant::now();
        self.ask::<String>(&redis::cmd("PING")).await?;
        Ok(started.elapsed())
    }

    pub(crate) async fn info(&self) -> Result<Info, ClientError> {
        let text: String = self.ask(&redis::cmd("INFO")).await?;
        Ok(Info::parse(&text))
    }

    /// The rules by which the server saves snapshots; empty without any. None where the server does not tell them, as
    /// managed services refuse CONFIG.
    pub(crate) async fn save_rules(&self) -> Option<String> {
        let answer = self.ask::<HashMap<String, String>>(redis::cmd("CONFIG").arg("GET").arg("save")).await;
        answer.ok()?.remove("save")
    }

    /// Entries in the event stream; none when the key does not exist.
    pub(crate) async fn stream_length(&self) -> Result<Option<u64>, ClientError> {
        let length: u64 = self.ask(redis::cmd("XLEN").arg(&self.stream)).await?;
        if length > 0 {
            return Ok(Some(length));
        }
        let exists: bool = self.ask(redis::cmd("EXISTS").arg(&self.stream)).await?;
        Ok(exists.then_some(0))
    }

    /// Limits the time of a call. A call that times out closes the connection: it may lead to a host that is
    /// gone, and late answers would reach later callers.
    pub(crate) async fn bounded<T>(
        &self,
        limit: Duration,
        call: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        if let Ok(answer) = tokio::time::timeout(limit, call).await {
            return answer;
        }
        self.forget().await;
        Err(ClientError::unreachable(SYSTEM, format!("{}: timed out", self.target())))
    }

    /// Closes the connection; the next call opens a new one.
    pub(crate) async fn forget(&self) {
        *self.connection.lock().await = None;
    }

    async fn ask<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Result<T, ClientError> {
        self.ask_within(RESPONSE_LIMIT, command).await
    }

    /// Every exchange has a deadline, which covers connecting.
    async fn ask_within<T: redis::FromRedisValue>(
        &self,
        limit: Duration,
        command: &redis::Cmd,
    ) -> Result<T, ClientError> {
        let call = async {
            let mut connection = self.connection().await?;
            match command.query_async(&mut connection).await {
                Ok(value) => Ok(value),
                Err(e) => Err(self.broken(&e).await),
            }
        };
        self.bounded(limit, call).await
    }

    /// Maps an error, and closes a broken connection.
    async fn broken(&self, error: &RedisError) -> ClientError {
        if error.is_io_error() || error.is_unrecoverable_error() {
            self.forget().await;
        }
        self.explain(error)
    }

    async fn connection(&self) -> Result<MultiplexedConnection, ClientError> {
        let mut slot = self.connection.lock().await;
        if let Some(connection) = slot.as_ref() {
            return Ok(connection.clone());
        }
        let connection = self.connect().await?;
        *slot = Some(connection.clone());
        Ok(connection)
    }

    async fn connect(&self) -> Result<MultiplexedConnection, ClientError> {
        install_crypto();
        let client = self.address.client()?;
        // `bounded` limits answers; a limit here would end blocking reads.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            .set_response_timeout(None);
        client.get_multiplexed_async_connection_with_config(&config).await.map_err(|e| self.explain(&e))
    }

    fn explain(&self, error: &RedisError) -> ClientError {
        let message = match error.detail() {
            Some(detail) => detail.to_owned(),
            None => chain(error),
        };
        match error.code() {
            Some("NOAUTH" | "WRONGPASS" | "NOPERM") => {
                return ClientError::Denied { system: SYSTEM, message };
            }
            Some("LOADING" | "MASTERDOWN" | "BUSY" | "TRYAGAIN") => {
                return ClientError::unreachable(SYSTEM, message);
            }
            _ => {}
        }
        if message.contains("max number of clients") {
            return ClientError::Full { system: SYSTEM, message };
        }
        match error.kind() {
            ErrorKind::AuthenticationFailed => ClientError::Denied { system: SYSTEM, message },
            ErrorKind::InvalidClientConfig => ClientError::misconfigured("redis.url", message),
            _ if error.is_io_error() || error.is_timeout() || error.is_connection_dropped() => {
                let message = if error.is_timeout() {
                    format!("{}: timed out", self.target())
                } else {
                    format!("{}: {message}", self.target())
                };
                let hint = self.address.hint(&message);
                ClientError::Unreachable { system: SYSTEM, message, hint: Some(hint) }
            }
            _ => {
                let code = error.code().map(|name| ErrorCode::Name(name.to_owned()));
                ClientError::Failed { system: SYSTEM, code, message }
            }
        }
    }
}
