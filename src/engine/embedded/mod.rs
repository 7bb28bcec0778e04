//! The embedded PostgreSQL: without a configured database, ordctl runs a private server.
//!
//! # Guarantees
//!
//! * The cluster is in the data directory. The server listens only on a Unix socket, in a directory that
//!   only its user and root can enter. If ordctl runs as root, the server runs as `postgres` or `nobody`.
//! * Any number of processes can join. The first one starts the server and the last one to leave stops
//!   it. A killed process is no longer a member.
//! * A server whose members were all killed keeps running and is adopted by the next process that joins.
//!   A killed server is restarted by its members, or by the next process that joins. A server that does not
//!   start again ends `serve` with the cause.
//! * Ctrl-C in the terminal does not reach the server; it stops when the last member leaves.
//! * A cluster is created atomically. A cluster of another major version is not touched.
//!
//! ```text
//!            join: first                    leave: last
//!   (down) ───────────────▶ (up, members) ───────────────▶ (down)
//!      ▲                      │       ▲
//!      │ killed               │ all   │ join
//!      └──────────────────────┤ killed│
//!                             ▼       │
//!                        (up, empty)──┘
//! ```

mod account;
mod binaries;
mod cluster;
mod directories;
mod error;
mod locks;
mod postmaster;
mod supervisor;

use std::time::{Duration, Instant};

use crate::base::layout::Layout;
use crate::clients::ClientError;
use crate::clients::postgres::{Dsn, Postgres, explain};
use crate::store::prepared::EmbeddedTexts;

use account::Account;
use locks::Lock;
use postmaster::{Postmaster, State};

pub use binaries::Search;
pub use error::EmbeddedError;

/// Maximum time for a starting or stopping server to reach its state.
const TRANSITION_TIMEOUT: Duration = Duration::from_secs(120);

/// Membership in the running server. Dropping it without [`Embedded::leave`] ends the membership, but the
/// server keeps running until another member joins and leaves.
#[derive(Debug)]
pub struct Embedded {
    layout: Layout,
    account: Account,
    search: Search,
    member: Lock,
    started: bool,
}

impl Embedded {
    /// Joins the embedded PostgreSQL of a data directory. Creates the cluster, starts the server and
    /// creates the database if necessary. If the future is dropped, a server can keep running until the
    /// next process joins and leaves.
    pub async fn join(layout: &Layout) -> Result<Self, EmbeddedError> {
        Self::join_with(layout, Search::system()).await
    }

    pub async fn join_with(layout: &Layout, search: Search) -> Result<Self, EmbeddedError> {
        let at = layout.clone();
        let (embedded, mutex) = blocking(move || join(at, search)).await?;
        let created = create_database(&embedded.dsn()).await;
        drop(mutex);
        match created {
            Ok(()) => Ok(embedded),
            Err(e) => {
                drop(embedded.leave().await);
                Err(e)
            }
        }
    }

    /// Ends the membership and stops the server if no other member is left. Returns whether it was
    /// stopped.
    pub async fn leave(self) -> Result<bool, EmbeddedError> {
        blocking(move || {
            let _mutex = Lock::mutex(&self.layout.embedded(), &self.account)?;
            if !self.member.was_last() {
                return Ok(false);
            }
            Postmaster::new(&self.layout).stop().map(|()| true)
        })
        .await
    }

    pub fn dsn(&self) -> Dsn {
        Dsn::embedded(&self.layout.embedded_socket_dir())
    }

    /// Whether this member started the server.
    pub fn started(&self) -> bool {
        self.started
    }

    /// Whether the server of this data directory accepts connections.
    pub fn running(layout: &Layout) -> bool {
        Postmaster::new(layout).accepts_connections()
    }
}

/// The blocking part of joining. The returned lock prevents other processes from joining and leaving
/// until the database exists.
fn join(layout: Layout, search: Search) -> Result<(Embedded, Lock), EmbeddedError> {
    let cluster = layout.embedded_cluster();
    let home = layout.embedded();
    if home.to_str().is_none_or(|path| path.contains(['"', '$', '`', '\\', '\n'])) {
        return Err(EmbeddedError::UnsupportedPath(home));
    }
    let account = Account::for_cluster(&cluster)?;
    // Without server programs, nothing is created, not even a directory.
    if cluster::major(&cluster)?.is_none() {
        search.find(None)?;
    }
    directories::create_home(&layout)?;
    let mutex = Lock::mutex(&home, &account)?;
    let member = Lock::member(&home, &account)?;
    let started = ensure_running(&layout, &account, &search)?;
    Ok((Embedded { layout, account, search, member, started }, mutex))
}

/// Returns whether the server had to be started.
fn ensure_running(layout: &Layout, account: &Account, search: &Search) -> Result<bool, EmbeddedError> {
    let postmaster = Postmaster::new(layout);
    let end = Instant::now() + TRANSITION_TIMEOUT;
    loop {
        match postmaster.state() {
            State::Up(_) => return Ok(false),
            State::Transitioning if Instant::now() < end => std::thread::sleep(locks::POLL),
            State::Transitioning => {
                return Err(EmbeddedError::Start("it is still starting or stopping".into()));
            }
            State::Down => {
                start(layout, account, search, &postmaster)?;
                return Ok(true);
            }
        }
    }
}

fn start(
    layout: &Layout,
    account: &Account,
    search: &Search,
    postmaster: &Postmaster,
) -> Result<(), EmbeddedError> {
    let cluster = layout.embedded_cluster();
    let version = cluster::major(&cluster)?;
    let binaries = search.find(version.map(|major| (cluster.as_path(), major)))?;
    account.check_access(&binaries.program("postgres"), &layout.embedded())?;
    directories::ensure_private(&layout.embedded_socket_dir(), account)?;
    directories::ensure_private(&layout.embedded().join("log"), account)?;
    if version.is_none() {
        cluster::create(&cluster, account, &binaries)?;
    }
    postmaster.start(account, &binaries)
}

async fn create_database(dsn: &Dsn) -> Result<(), EmbeddedError> {
    let texts = EmbeddedTexts::load()?;
    let postgres = Postgres::connect_lazily(dsn.clone().with_database("postgres"), 1)?;
    let session = postgres.session().await?;
    let failed = |e: tokio_postgres::Error| -> ClientError { explain(&e) };
    let row = session.query_typed_one(&texts.database_exists, &[]).await.map_err(failed)?;
    if !row.try_get::<_, bool>("found").map_err(failed)? {
        session.batch_execute(&texts.create_database).await.map_err(failed)?;
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EmbeddedError> + Send + 'static,
) -> Result<T, EmbeddedError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(e) => Err(EmbeddedError::Aborted(e.to_string())),
    }
}
