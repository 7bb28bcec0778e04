//! PostgreSQL: a small pool for questions and single sessions for locks and maintenance.
//!
//! A call that is dropped half-way (its step timed out, or Ctrl-C) cancels its statement on the
//! server: nothing of ours goes on running there unseen.

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

/// How long to wait between two tries to get a connection from a full server.
const FULL_RETRY: Duration = Duration::from_millis(50);

pub struct Postgres {
    dsn: Dsn,
    /// What to look at when there is no way to it.
    hint: Option<String>,
    tls: MakeRustlsConnect,
    pool: Pool,
}

impl Postgres {
    /// Reads the settings; connects to nothing yet. Without a URL the embedded database of
    /// this data directory is meant, if one was ever made there.
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
            "no database is configured, and the embedded one in {} is not running; set database.url for another",
            layout.root().display()
        );
        Ok(Self { hint: Some(hint), ..embedded })
    }

    /// A client for an address that is not the configured one.
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

    /// Where it is, without secrets: `user@host:port/name`.
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

    /// The environment with which a program of PostgreSQL's, of this major version, connects as this does.
    pub(crate) fn environment(&self, major: u32) -> Result<Environment, ClientError> {
        libpq::environment(&self.dsn, major)
    }

    /// Whether every address leads to this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.dsn.loopback
    }

    /// A connection from the pool. A server that is full is asked again until the caller's
    /// time-out, as long as the pool holds a connection that may come back.
    pub async fn get(&self) -> Result<Object, ClientError> {
        loop {
            match self.pool.get().await {
                Ok(client) => return Ok(client),
                Err(e) => {
                    let e = self.hinted(error::from_pool(e));
                    let busy = self.pool.status().size > 0;
                    if !(busy && matches!(e, ClientError::Full { .. })) {
                        return Err(e);
                    }
                    tokio::time::sleep(FULL_RETRY).await;
                }
            }
        }
    }

    /// How many connections the pool has, and how many of them nobody uses.
    pub(crate) fn connections(&self) -> (usize, usize) {
        let status = self.pool.status();
        (status.size, status.available.min(status.size))
    }

    fn hinted(&self, error: ClientError) -> ClientError {
        match error {
            ClientError::Unreachable { system, message, hint: None } => {
                ClientError::Unreachable { system, message, hint: self.hint.clone() }
            }
            other => other,
        }
    }

    /// A session of its own, outside the pool: for locks that last, LISTEN, and maintenance
    /// statements. It ends when dropped.
    pub async fn session(&self) -> Result<Session, ClientError> {
        let (client, connection) =
            self.dsn.config.connect(self.tls.clone()).await.map_err(|e| self.hinted(explain(&e)))?;
        let task = tokio::spawn(async move {
            // The error reaches the caller through the client; here it only ends the task.
            drop(connection.await);
        });
        Ok(Session { client, task })
    }

    /// A session of its own that hands over the notifications that reach it. The channel closes
    /// when the session is lost.
    pub async fn listening(&self) -> Result<(Session, UnboundedReceiver<Notification>), ClientError> {
        self.attended(|message| match message {
            AsyncMessage::Notification(notification) => Some(notification),
            _ => None,
        })
        .await
    }

    /// A session of its own that hands over what the server warns of.
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
            self.dsn.config.connect(self.tls.clone()).await.map_err(|e| self.hinted(explain(&e)))?;
        let (sender, attended) = tokio::sync::mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let mut messages = futures_util::stream::poll_fn(move |cx| connection.poll_message(cx));
            while let Some(Ok(message)) = messages.next().await {
                if let Some(message) = of_use(message) {
                    // Nobody who listens is no reason to end the session.
                    drop(sender.send(message));
                }
            }
        });
        Ok((Session { client, task }, attended))
    }

    /// Awaits `call`, which runs a statement on the connection of `token`. If this future is
    /// dropped before, the statement is cancelled on the server.
    pub(crate) async fn cancelling<T>(&self, token: CancelToken, call: impl Future<Output = T>) -> T {
        let guard = CancelOnDrop { token: Some(token), tls: self.tls.clone() };
        let out = call.await;
        guard.disarm();
        out
    }
}

/// A session of its own.
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
                // Best effort: a server that does not answer cannot be asked to stop either.
                drop(tokio::time::timeout(Duration::from_secs(2), token.cancel_query(tls)).await);
            });
        }
    }
}
