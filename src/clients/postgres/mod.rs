//! PostgreSQL: a small pool for queries and single sessions for locks and maintenance.
//!
//! Dropping a call (its step timed out, or Ctrl-C) cancels its statement on the server.

mod connect;
mod dsn;
mod error;
mod health;
mod libpq;
mod parameters;
mod passfile;
mod pool;
mod session;
mod text;
mod tls;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use deadpool::Runtime;
use futures_util::StreamExt;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_postgres::config::Host;
use tokio_postgres::{AsyncMessage, CancelToken, Notification};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(crate) use super::ClientError;
use crate::base::layout::Layout;
use crate::base::settings::Settings;
use connect::Connector;
use pool::{Pool, SessionManager};

pub(crate) use connect::{KEEPALIVE_INTERVAL, TCP_TIMEOUT};
pub use dsn::{Dsn, is_loopback, secret_file};
pub(crate) use error::explain;
pub(crate) use libpq::Environment;
pub use pool::PooledSession;
pub use session::Session;
pub(crate) use text::{
    ASCII_LAST, LATIN1_LAST, RawJson, RawText, UNCHECKED, code_points, is_missing_character, is_stored_as,
    keep_less,
};
pub(crate) use tokio_postgres::error::SqlState;

/// The system's name in findings and errors.
pub(crate) const SYSTEM: &str = "postgresql";

/// Interval between attempts to get a connection from a full server.
const FULL_RETRY: Duration = Duration::from_millis(50);
/// Default deadline of a statement, and of the wait for a session of the pool.
const STATEMENT_LIMIT: Duration = Duration::from_secs(30);
/// How much later than the server's statement timeout the client gives up. The server's error says more.
pub(crate) const LIMIT_MARGIN: Duration = Duration::from_secs(5);

pub struct Postgres {
    connector: Arc<Connector>,
    pool: Pool,
}

impl Postgres {
    /// Does not connect. Without a URL this is the embedded database of the data directory, if there is one.
    pub(crate) fn new(settings: &Settings) -> Result<Self, ClientError> {
        let max = settings.database.max_connections;
        let (writable, limit) = (settings.database.writable, settings.database.statement_limit);
        let limit = limit.unwrap_or(STATEMENT_LIMIT);
        if let Some(url) = &settings.database.url {
            return Self::open(Dsn::parse(url, &settings.database)?, None, max, limit, writable);
        }
        let layout = Layout::new(settings.data_dir());
        if !layout.embedded_cluster().join("PG_VERSION").exists() {
            return Err(ClientError::NotConfigured {
                system: SYSTEM,
                setting: "database.url",
                variable: Some("DATABASE_URL"),
            });
        }
        let hint = format!(
            "start the embedded database in {} with ordctl serve, or set database.url",
            layout.root().display()
        );
        Self::open(Dsn::embedded(&layout.embedded_socket_dir()), Some(hint), max, limit, writable)
    }

    pub fn connect_lazily(dsn: Dsn, max_connections: usize) -> Result<Self, ClientError> {
        Self::open(dsn, None, max_connections, STATEMENT_LIMIT, false)
    }

    fn open(
        dsn: Dsn,
        hint: Option<String>,
        max_connections: usize,
        limit: Duration,
        writable: bool,
    ) -> Result<Self, ClientError> {
        let tls = tls::connector(&dsn)?;
        let (health, preferred) = (Arc::<health::Health>::default(), AtomicUsize::new(0));
        let connector = Connector { dsn, hint, tls, limit, writable, health, preferred };
        let connector = Arc::new(connector);
        let pool = Pool::builder(SessionManager(connector.clone()))
            .max_size(max_connections.max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(limit))
            .build()
            .map_err(|e| ClientError::misconfigured("database.max_connections", e))?;
        Ok(Self { connector, pool })
    }

    /// `user@host:port/name`, without secrets.
    pub(crate) fn target(&self) -> String {
        self.connector.dsn.target()
    }

    /// The options with which `psql` and `pg_dump` reach the same server, each after a space.
    pub(crate) fn program_options(&self) -> String {
        self.connector.dsn.program_options()
    }

    /// The options with which `psql` reaches the same database, each after a space.
    pub(crate) fn psql_options(&self) -> String {
        self.connector.dsn.psql_options()
    }

    /// Why the passfile is ignored, and the remedy.
    pub(crate) fn ignored_passfile(&self) -> Option<&(String, String)> {
        self.connector.dsn.ignored_passfile.as_ref()
    }

    /// The database's name, where the address says it.
    pub(crate) fn database(&self) -> Option<&str> {
        self.connector.dsn.config.get_dbname().or(self.connector.dsn.config.get_user())
    }

    /// Another database of the same server, with a pool of its own.
    pub(crate) fn beside(&self, database: &str) -> Result<Self, ClientError> {
        let Connector { dsn, hint, limit, writable, .. } = &*self.connector;
        Self::open(dsn.clone().with_database(database), hint.clone(), 1, *limit, *writable)
    }

    /// The environment variables for PostgreSQL programs of this major version.
    pub(crate) fn environment(&self, major: u32) -> Result<Environment, ClientError> {
        libpq::environment(&self.connector.dsn, major)
    }

    /// The port, where there is one server and it listens on this machine.
    pub(crate) fn local_port(&self) -> Option<u16> {
        let hosts = self.connector.dsn.hosts();
        match hosts.as_slice() {
            [one] if self.is_loopback() && matches!(one.host, Host::Tcp(_)) => Some(one.port),
            _ => None,
        }
    }

    /// Whether every host is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.connector.dsn.loopback
    }

    /// A session from the pool. Retries on a full server, as long as the pool has a session that may be
    /// returned.
    pub async fn get(&self) -> Result<PooledSession, ClientError> {
        let end = tokio::time::Instant::now() + self.connector.limit;
        loop {
            match self.pool.get().await {
                Ok(session) => return Ok(session),
                Err(e) => {
                    let e = error::from_pool(e);
                    let waits = self.pool.status().size > 0 && tokio::time::Instant::now() < end;
                    if !(waits && matches!(e, ClientError::Full { .. })) {
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

    /// A session outside the pool: for session locks, LISTEN and maintenance statements. Dropping it
    /// disconnects.
    pub async fn session(&self) -> Result<Session, ClientError> {
        self.connector.session().await
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
        let (client, mut connection) = self.connector.connect().await?;
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
        Ok((self.connector.watched(client, task), attended))
    }

    /// Awaits `call`, which runs a statement on the connection of `token`. Dropping the future cancels the
    /// statement on the server.
    pub(crate) async fn cancelling<T>(&self, token: CancelToken, call: impl Future<Output = T>) -> T {
        let guard = CancelOnDrop { token: Some(token), tls: self.connector.tls.clone() };
        let out = call.await;
        guard.disarm();
        out
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
        if let Some(token) = self.token.take() {
            session::cancel(token, self.tls.clone());
        }
    }
}
