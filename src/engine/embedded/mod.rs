//! The embedded PostgreSQL: with no database configured, ordctl runs its own.
//!
//! # The promises
//!
//! * It makes a private cluster below the data directory, listening on a Unix socket only, in a
//!   directory that nobody but its user (and root) can enter. As root it runs as `postgres` or
//!   `nobody`.
//! * Any number of processes may join. The first starts the server, later ones find it running,
//!   and the last to leave stops it, whichever that is. A member that was killed counts no more.
//! * A server whose members were all killed goes on and is adopted by the next who joins. A
//!   server that was itself killed is started again by the next.
//! * Ctrl-C in our terminal does not reach the server; it stops when the last member leaves.
//! * A cluster exists whole or not at all, and one of another major version is left untouched.
//!
//! ```text
//!            join: first                    leave: last
//!   (down) ───────────────▶ (up, members) ───────────────▶ (down)
//!      ▲                      │       ▲
//!      │ killed               │ all   │ join
//!      └──────────────────────┤ killed│
//!                             ▼       │
//!                        (up, nobody)─┘
//! ```

mod account;
mod binaries;
mod cluster;
mod directories;
mod error;
mod locks;
mod postmaster;

use std::time::{Duration, Instant};

use crate::base::layout::Layout;
use crate::clients::ClientError;
use crate::clients::postgres::{Dsn, Postgres, explain};
use crate::engine::sql;

use account::Account;
use locks::Lock;
use postmaster::{Postmaster, State};

pub use binaries::Search;
pub use error::EmbeddedError;

/// How long a server that is between up and down may stay there.
const SETTLE_WITHIN: Duration = Duration::from_secs(120);

/// Membership in the running server. Dropped without [`Embedded::leave`] (as a killed process
/// does) it ends, and the server goes on until another member joins and leaves.
#[derive(Debug)]
pub struct Embedded {
    layout: Layout,
    account: Account,
    member: Lock,
    started: bool,
}

impl Embedded {
    /// Joins the embedded PostgreSQL of a data directory: makes its cluster, starts its server
    /// and makes its database, each only if need be. Await it to the end: dropped half-way, it
    /// may leave a server behind for the next who joins.
    pub async fn join(layout: &Layout) -> Result<Self, EmbeddedError> {
        Self::join_with(layout, Search::system()).await
    }

    /// Joins with server programs from elsewhere.
    pub async fn join_with(layout: &Layout, search: Search) -> Result<Self, EmbeddedError> {
        let at = layout.clone();
        let (embedded, mutex) = blocking(move || join(at, &search)).await?;
        let made = make_database(&embedded.dsn()).await;
        drop(mutex);
        match made {
            Ok(()) => Ok(embedded),
            Err(e) => {
                drop(embedded.leave().await);
                Err(e)
            }
        }
    }

    /// Ends the membership, and stops the server if there is no other member.
    /// Returns whether it was stopped.
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

    /// Whether this member started the server, rather than finding it running.
    pub fn started(&self) -> bool {
        self.started
    }

    /// Whether the server of this data directory takes connections from us.
    pub fn running(layout: &Layout) -> bool {
        Postmaster::new(layout).answers()
    }
}

/// The part of joining that waits for files and processes. The lock that it returns keeps others
/// from joining and leaving until the database is there.
fn join(layout: Layout, search: &Search) -> Result<(Embedded, Lock), EmbeddedError> {
    let cluster = layout.embedded_cluster();
    let home = layout.embedded();
    if home.to_str().is_none_or(|path| path.contains(['"', '$', '`', '\\', '\n'])) {
        return Err(EmbeddedError::OddPath(home));
    }
    let account = Account::of(&cluster)?;
    // Without programs nothing is made at all, not even a directory.
    if cluster::major(&cluster)?.is_none() {
        search.find(None)?;
    }
    directories::make_home(&layout)?;
    let mutex = Lock::mutex(&home, &account)?;
    let member = Lock::member(&home, &account)?;
    let started = ensure_up(&layout, &account, search)?;
    Ok((Embedded { layout, account, member, started }, mutex))
}

/// Returns whether the server had to be started.
fn ensure_up(layout: &Layout, account: &Account, search: &Search) -> Result<bool, EmbeddedError> {
    let postmaster = Postmaster::new(layout);
    let end = Instant::now() + SETTLE_WITHIN;
    loop {
        match postmaster.state() {
            State::Up(_) => return Ok(false),
            State::Between if Instant::now() < end => std::thread::sleep(locks::POLL),
            State::Between => {
                return Err(EmbeddedError::Start("it neither comes up nor goes down".into()));
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
    let made_by = cluster::major(&cluster)?;
    let binaries = search.find(made_by.map(|major| (cluster.as_path(), major)))?;
    account.check_reach(&binaries.program("postgres"), &layout.embedded())?;
    directories::private(&layout.embedded_socket_dir(), account)?;
    directories::private(&layout.embedded().join("log"), account)?;
    if made_by.is_none() {
        cluster::create(&cluster, account, &binaries)?;
    }
    postmaster.start(account, &binaries)
}

async fn make_database(dsn: &Dsn) -> Result<(), EmbeddedError> {
    let (ask, create) = (sql("embedded/database_exists")?, sql("embedded/create_database")?);
    let postgres = Postgres::connect_lazily(dsn.clone().with_database("postgres"), 1)?;
    let session = postgres.session().await?;
    let failed = |e: tokio_postgres::Error| -> ClientError { explain(&e) };
    let row = session.query_typed_one(&ask, &[]).await.map_err(failed)?;
    if !row.try_get::<_, bool>("found").map_err(failed)? {
        session.batch_execute(&create).await.map_err(failed)?;
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EmbeddedError> + Send + 'static,
) -> Result<T, EmbeddedError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(e) => Err(EmbeddedError::Lost(e.to_string())),
    }
}
