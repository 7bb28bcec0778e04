//! Scratch databases, in which `backup.verify` restores dumps. Each has a unique name and is dropped however
//! the verification ends. The next run drops those of killed runs once nobody is connected to them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use uuid::Uuid;

use super::Source;
use crate::base::settings::Database;
use crate::base::units;
use crate::clients::postgres::{Dsn, Postgres, SYSTEM, Session, explain};
use crate::clients::{ClientError, host};
use crate::model::{Consented, Finding, Locale, Status};
pub(crate) use crate::store::backup::ScratchDatabase as Leftover;
use crate::store::{Store, statements};
use crate::tools::cleanup::Cleanup;
use crate::tools::{CleanupSet, ToolContext, ToolError};

/// Deadline of CREATE DATABASE, which copies files and waits for a checkpoint.
const CREATE_LIMIT: Duration = Duration::from_secs(300);
/// Dropping waits for an immediate checkpoint of the whole server and unlinks every file of the database. A busy
/// server needs more than 30 s for it. An interrupted step delays the exit of ordctl by at most this long: a
/// late exit costs less than a copy of the database that nobody removes.
const DROP_TIMEOUT: Duration = Duration::from_secs(60);

/// Required free space as a factor of the database size: a restore rebuilds indexes and writes WAL.
const SPACE_FACTOR: f64 = 1.2;

/// The server that scratch databases are created on.
pub(crate) struct ScratchServer {
    store: Store,
    pub(crate) source: Source,
    /// Whether it is the server of the dumped database.
    is_source: bool,
}

impl ScratchServer {
    /// The server of `backup.scratch_url`, else the dumped database's own. Refused if the role may not create
    /// databases there.
    pub(crate) async fn find(ctx: &ToolContext) -> Result<Self, ToolError> {
        let (store, is_source) = match &ctx.settings.backup.scratch_url {
            None => (ctx.store()?, true),
            Some(url) => {
                // The password file belongs to the other server.
                let settings = Database { password_file: None, ..ctx.settings.database.clone() };
                let dsn = Dsn::parse(url, &settings).map_err(for_scratch_url)?;
                let postgres = Postgres::connect_lazily(dsn, 2).map_err(for_scratch_url)?;
                (Store::new(Arc::new(postgres), ctx.library.clone(), ctx.limit), false)
            }
        };
        let source = store.backup_source().await?;
        if !source.creates {
            let role = &source.role;
            return Err(ToolError::Refused {
                message: format!(
                    "role {role} may not create databases, which verifying a dump requires \
                     (or set backup.scratch_url to another server)"
                ),
                hint: Some(format!("psql -c 'ALTER ROLE {role} CREATEDB'")),
            });
        }
        Ok(Self { store, source, is_source })
    }

    /// Refuses unless the dumped database's own server has space for a scratch database. A separate scratch
    /// server is not checked. The filesystem is `capacity.disk`, else the server's data directory if that is
    /// on this machine.
    pub(crate) async fn require_space(&self, bytes: u64, ctx: &ToolContext) -> Result<(), ToolError> {
        if !self.is_source {
            return Ok(());
        }
        let needed = SPACE_FACTOR * bytes as f64;
        let disk = match &ctx.settings.capacity.disk {
            Some(disk) => Some(disk.clone()),
            None => self.data_directory().await,
        };
        let Some(disk) = disk else {
            return Err(ToolError::Refused {
                message: "free space on the server is unknown: set capacity.disk or backup.scratch_url"
                    .to_owned(),
                hint: Some(format!(
                    "set capacity.disk to the database's filesystem; a scratch database needs up to {} there",
                    units::bytes(needed)
                )),
            });
        };
        super::require_space(&disk, needed, "a scratch database").await.map_err(|e| match e {
            ToolError::Refused { message, hint } => {
                let message = format!("{message} (or set backup.scratch_url to another server)");
                ToolError::Refused { message, hint }
            }
            other => other,
        })
    }

    /// The server's data directory, if it is on this machine.
    async fn data_directory(&self) -> Option<PathBuf> {
        if !self.postgres().is_loopback() {
            return None;
        }
        let directory = PathBuf::from(self.source.directory.clone()?);
        // A server in a container or behind a tunnel may name a path that exists here, too. Only the same
        // cluster counts.
        let here = host::cluster(&directory).await.ok()?;
        (Some(here.to_string()) == self.source.system).then_some(directory)
    }

    pub(crate) fn postgres(&self) -> &Postgres {
        self.store.postgres()
    }

    pub(crate) async fn leftovers(&self) -> Result<Vec<Leftover>, ToolError> {
        Ok(self.store.scratch_databases().await?)
    }

    /// Drops leftovers that nobody is connected to. Returns the number dropped and the names of the others.
    pub(crate) async fn drop_leftovers(&self, _: &Consented) -> Result<(usize, Vec<String>), ToolError> {
        let session = self.store.postgres().session().await?.with_limit(DROP_TIMEOUT);
        let (mut dropped, mut remaining) = (0, Vec::new());
        for leftover in self.leftovers().await? {
            // Without FORCE: somebody may have connected since.
            let sql = statements::drop_database(&leftover.name, false);
            if leftover.busy || session.batch_execute(&sql).await.is_err() {
                remaining.push(leftover.name);
            } else {
                dropped += 1;
            }
        }
        Ok((dropped, remaining))
    }

    /// Creates a scratch database and stays connected, so that no other run takes it for a leftover.
    pub(crate) async fn create(
        &self,
        locale: &Locale,
        cleanups: &CleanupSet,
        _: &Consented,
    ) -> Result<ScratchDatabase, ToolError> {
        let name = format!("ordctl_scratch_{}", Uuid::now_v7().simple());
        let sql = statements::create_database(&name, locale);
        let session = self.store.postgres().session().await?.with_limit(CREATE_LIMIT);
        // In a task: if this future were dropped, the server would still create the database.
        let task = tokio::spawn(async move { session.batch_execute(&sql).await.map_err(|e| explain(&e)) });
        let panicked = |e: tokio::task::JoinError| ClientError::failed(SYSTEM, e);
        let creation: Creation = task.map(move |r| r.map_err(panicked).and_then(|r| r)).boxed().shared();
        let cleanup =
            cleanups.register(remove(self.store.postgres().clone(), name.clone(), creation.clone()));
        let postgres = self.store.postgres().clone();
        let mut scratch = ScratchDatabase { name, postgres, session: None, cleanup };
        creation.await?;
        scratch.session = Some(scratch.connect()?.session().await?);
        Ok(scratch)
    }
}

type Creation = Shared<BoxFuture<'static, Result<(), ClientError>>>;

fn for_scratch_url(error: ClientError) -> ClientError {
    match error {
        ClientError::Misconfigured { message, .. } => {
            ClientError::Misconfigured { setting: "backup.scratch_url".to_owned(), message }
        }
        other => other,
    }
}

/// A scratch database. Dropping the value drops the database in the background.
pub(crate) struct ScratchDatabase {
    name: String,
    postgres: Arc<Postgres>,
    // Declared before the cleanup: dropped first.
    session: Option<Session>,
    cleanup: Cleanup,
}

impl ScratchDatabase {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn connect(&self) -> Result<Arc<Postgres>, ToolError> {
        Ok(Arc::new(self.postgres.beside(&self.name)?))
    }

    /// Drops the database. The finding is not ok if it could not be dropped: a verdict about the dump does not
    /// depend on it.
    pub(crate) async fn remove(self) -> Finding {
        drop(self.session);
        self.cleanup.run().await.unwrap_or_else(|e| not_dropped(&self.name, &e))
    }
}

async fn remove(postgres: Arc<Postgres>, name: String, creation: Creation) -> Finding {
    let work = async {
        // Only then it is known whether the database exists. Without an answer the server may have created it.
        let created = creation.await;
        if created.as_ref().is_err_and(|e| !e.may_pass()) {
            return Ok(false);
        }
        let session = postgres.session().await?.with_limit(DROP_TIMEOUT);
        // With FORCE: every connection to it is ours.
        let dropped = session.batch_execute(&statements::drop_database(&name, true)).await;
        dropped.map(|()| created.is_ok()).map_err(|e| explain(&e))
    };
    let done = tokio::time::timeout(DROP_TIMEOUT, work).await.unwrap_or_else(|_| {
        let limit = units::duration(DROP_TIMEOUT.as_secs_f64());
        Err(ClientError::unreachable(SYSTEM, format!("no answer within {limit}")))
    });
    let gone =
        |how: &str| Finding::new("scratch", SYSTEM, Status::Ok, format!("Scratch database {name}: {how}"));
    match done {
        Ok(true) => gone("dropped"),
        Ok(false) => gone("not created, none remains"),
        Err(e) => not_dropped(&name, &e),
    }
}

fn not_dropped(name: &str, why: &dyn std::fmt::Display) -> Finding {
    let summary = format!("Scratch database {name}: not dropped: {why}");
    Finding::new("scratch", SYSTEM, Status::Warn, summary).hint("ordctl maintain monthly --only verify")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::SecretUrl;

    /// A server that does not exist: whoever asks it fails.
    fn nowhere() -> Arc<Postgres> {
        let url = SecretUrl::new("postgresql://postgres@127.0.0.1:1/postgres?sslmode=disable");
        Arc::new(Postgres::connect_lazily(Dsn::parse(&url, &Database::default()).unwrap(), 1).unwrap())
    }

    fn failed(error: ClientError) -> Creation {
        std::future::ready(Err(error)).boxed().shared()
    }

    #[tokio::test]
    async fn a_database_that_was_not_created_is_not_reported_as_dropped() {
        let refused = failed(ClientError::failed(SYSTEM, "no space left"));
        let finding = remove(nowhere(), "scratch_1".into(), refused).await;
        assert_eq!(finding.status, Status::Ok);
        assert_eq!(finding.summary, "Scratch database scratch_1: not created, none remains");
        // Without an answer it may exist.
        let lost = failed(ClientError::unreachable(SYSTEM, "connection lost"));
        let finding = remove(nowhere(), "scratch_1".into(), lost).await;
        assert_eq!(finding.status, Status::Warn);
        assert!(finding.summary.contains("not dropped"), "{}", finding.summary);
    }

    /// The verdict about the dump comes first; an aborted clean-up is a finding beside it.
    #[tokio::test]
    async fn an_aborted_removal_is_a_finding() {
        let cleanup = CleanupSet::default().register(async { panic!("aborted") });
        let scratch =
            ScratchDatabase { name: "scratch_1".into(), postgres: nowhere(), session: None, cleanup };
        let finding = scratch.remove().await;
        assert_eq!((finding.status, finding.hint.is_some()), (Status::Warn, true));
    }
}
