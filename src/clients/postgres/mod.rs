//! PostgreSQL: a small pool for queries and single sessions for locks and maintenance.
//!
//! Dropping a call (its step timed out, or Ctrl-C) cancels its statement on the server.

mod dsn;
mod error;
mod libpq;
mod passfile;
mod tls;

use std::future::Future;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use futures_util::StreamExt;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_postgres::{AsyncMessage, CancelToken, Notification};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(crate) use super::ClientError;
use crate::base::layout::Layout;
use crate::base::settings::Settings;

pub use dsn::{Dsn, is_loopback, secret_file};
pub(crate) use error::explain;
pub(crate) use libpq::Environment;
pub(crate) use tokio_postgres::error::SqlState;

/// The system's name in findings and errors.
pub(crate) const SYSTEM: &str = "postgresql";

/// Interval between attempts to get a connection from a full server.
const FULL_RETRY: Duration = Duration::from_millis(50);

pub struct Postgres {
    dsn: Dsn,
    /// For errors of an unreachable server.
    hint: Option<String>,
    tls: MakeRustlsConnect,
    pool: Pool,
}

impl Postgres {
    /// Does not connect. Without a URL this is the embedded database of the data directory, if there is one.
    pub(crate) fn new(settings: &Settings) -> Result<Self, ClientError> {
        let max = settings.database.max_connections;
        if let Some(url) = &settings.database.url {
            return Self::connect_lazily(Dsn::parse(url, &settings.database)?, max);
        }
        let layout = Layout::new(settings.data_dir());
        if !layout.embedded_cluster().join("PG_VERSION").exists() {
            let setting = "database.url or DATABASE_URL";
            return Err(ClientError::NotConfigured { system: SYSTEM, setting });
        }
        let embedded = Self::connect_lazily(Dsn::embedded(&layout.embedded_socket_dir()), max)?;
        let hint = format!(
            "start the embedded database in {} with ordctl serve, or set database.url",
            layout.root().display()
        );
        Ok(Self { hint: Some(hint), ..embedded })
    }

    pub fn connect_lazily(dsn: Dsn, max_connections: usize) -> Result<Self, ClientError> {
        let tls = tls::connector(&dsn)?;
        let manager = Manager::from_config(
            dsn.config.clone(),
            tls.clone(),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let pool = Pool::builder(manager)
            .max_size(max_connections.max(1))
            .build()
            .map_err(|e| ClientError::misconfigured("database.max_connections", e))?;
        Ok(Self { dsn, hint: None, tls, pool })
    }

    /// `user@host:port/name`, without secrets.
    pub(crate) fn target(&self) -> String {
        self.dsn.target()
    }

    /// The database's name, where the address says it.
    pub(crate) fn database(&self) -> Option<&str> {
        self.dsn.config.get_dbname().or(self.dsn.config.get_user())
    }

    /// Another database of the same server, with a pool of its own.
    pub(crate) fn beside(&self, database: &str) -> Result<Self, ClientError> {
        let dsn = self.dsn.clone().with_database(database);
        Ok(Self { hint: self.hint.clone(), ..Self::connect_lazily(dsn, 1)? })
    }

    /// The environment variables for PostgreSQL programs of this major version.
    pub(crate) fn environment(&self, major: u32) -> Result<Environment, ClientError> {
        libpq::environment(&self.dsn, major)
    }

    /// Whether every host is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.dsn.loopback
    }

    /// A connection from the pool. Retries on a full server until the caller's timeout, as long as the pool
    /// has a connection that may be returned.
    pub async fn get(&self) -> Result<Object, ClientError> {
        loop {
            match self.pool.get().await {
                Ok(client) => return Ok(client),
                Err(e) => {
                    let e = self.locate(error::from_pool(e));
                    let busy = self.pool.status().size > 0;
                    if !(busy && matches!(e, ClientError::Full { .. })) {
                        return Err(e);
                    }
                    tokio::time::sleep(FULL_RETRY).await;
                }
            }
        }
    }

    /// Number of connections in the pool, and of idle ones.
    pub(crate) fn connections(&self) -> (usize, usize) {
        let status = self.pool.status();
        (status.size, status.available.min(status.size))
    }

    /// Adds the address, and the hint where the error has none.
    fn locate(&self, error: ClientError) -> ClientError {
        match error {
            ClientError::Unreachable { system, message, hint } => {
                let message = format!("{}: {message}", self.dsn.address());
                ClientError::Unreachable { system, message, hint: hint.or_else(|| self.hint.clone()) }
            }
            other => other,
        }
    }

    /// A session outside the pool: for session locks, LISTEN and maintenance statements. Dropping it
    /// disconnects.
    pub async fn session(&self) -> Result<Session, ClientError> {
        let (client, connection) =
            self.dsn.config.connect(self.tls.clone()).await.map_err(|e| self.locate(explain(&e)))?;
        let task = tokio::spawn(async move {
            // The error reaches the caller through the client; here it only ends the task.
            drop(connection.await);
        });
        Ok(Session { client, task })
    }

    /// A session with its notifications. The channel closes when the session is lost.
    pub async fn listening(&self) -> Result<(Session, UnboundedReceiver<Notification>), ClientError> {
        self.attended(|message| match message {
            AsyncMessage::Notification(notification) => Some(notification),
            _ => None,
        })
        .await
    }

    /// A session with the server's warnings.
    pub(crate) async fn warning(&self) -> Result<(Session, UnboundedReceiver<String>), ClientError> {
        self.attended(|message| match message {
            AsyncMessage::Notice(notice) if notice.severity() == "WARNING" => {
                Some(notice.message().to_owned())
            }
            _ => None,
        })
        .await
    }

    async fn attended<T: Send + 'static>(
        &self,
        of_use: impl Fn(AsyncMessage) -> Option<T> + Send + 'static,
    ) -> Result<(Session, UnboundedReceiver<T>), ClientError> {
        let (client, mut connection) =
            self.dsn.config.connect(self.tls.clone()).await.map_err(|e| self.locate(explain(&e)))?;
        let (sender, attended) = tokio::sync::mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let mut messages = futures_util::stream::poll_fn(move |cx| connection.poll_message(cx));
            while let Some(Ok(message)) = messages.next().await {
                if let Some(message) = of_use(message) {
                    // The session outlives its listener.
                    drop(sender.send(message));
                }
            }
        });
        Ok((Session { client, task }, attended))
    }

    /// Awaits `call`, which runs a statement on the connection of `token`. Dropping the future cancels the
    /// statement on the server.
    pub(crate) async fn cancelling<T>(&self, token: CancelToken, call: impl Future<Output = T>) -> T {
        let guard = CancelOnDrop { token: Some(token), tls: self.tls.clone() };
        let out = call.await;
        guard.disarm();
        out
    }
}

pub struct Session {
    client: tokio_postgres::Client,
    task: tokio::task::JoinHandle<()>,
}

impl std::ops::Deref for Session {
    type Target = tokio_postgres::Client;

    fn deref(&self) -> &Self::Target {
        &self.client
    }
}

impl std::ops::DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.client
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct CancelOnDrop {
    token: Option<CancelToken>,
    tls: MakeRustlsConnect,
}

impl CancelOnDrop {
    fn disarm(mut self) {
        self.token = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let (Some(token), Ok(runtime)) = (self.token.take(), tokio::runtime::Handle::try_current()) {
            let tls = self.tls.clone();
            runtime.spawn(async move {
                // Best effort: the server may not answer.
                drop(tokio::time::timeout(Duration::from_secs(2), token.cancel_query(tls)).await);
            });
        }
    }
}
