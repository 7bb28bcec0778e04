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
use crate::model::{Finding, Locale, Status};
pub(crate) use crate::store::backup::ScratchDatabase as Leftover;
use crate::store::{Store, statements};
use crate::tools::cleanup::Cleanup;
use crate::tools::{CleanupSet, ToolContext, ToolError};

/// Deadline of CREATE DATABASE, which copies files and waits for a checkpoint.
const CREATE_LIMIT: Duration = Duration::from_secs(300);
/// The server waits for a checkpoint and unlinks every file of the database.
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
                message: format!("role {role} may not create databases, which verifying a dump requires"),
                hint: Some(format!(
                    "psql -c 'ALTER ROLE {role} CREATEDB', or set backup.scratch_url to another server"
                )),
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
                let hint = format!("{}, or set backup.scratch_url", hint.unwrap_or_default());
                ToolError::Refused { message, hint: Some(hint) }
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
    pub(crate) async fn drop_leftovers(&self) -> Result<(usize, Vec<String>), ToolError> {
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

    /// Drops the database. The finding is not ok if it could not be dropped.
    pub(crate) async fn remove(self) -> Result<Finding, ToolError> {
        drop(self.session);
        self.cleanup.run().await
    }
}

async fn remove(postgres: Arc<Postgres>, name: String, creation: Creation) -> Finding {
    let work = async {
        // Only then it is known whether the database exists.
        drop(creation.await);
        let session = postgres.session().await?.with_limit(DROP_TIMEOUT);
        // With FORCE: every connection to it is ours.
        session.batch_execute(&statements::drop_database(&name, true)).await.map_err(|e| explain(&e))
    };
    let done = tokio::time::timeout(DROP_TIMEOUT, work).await.unwrap_or_else(|_| {
        let limit = units::duration(DROP_TIMEOUT.as_secs_f64());
        Err(ClientError::unreachable(SYSTEM, format!("no answer within {limit}")))
    });
    match done {
        Ok(()) => Finding::new("scratch", SYSTEM, Status::Ok, format!("Scratch database {name}: dropped")),
        Err(e) => Finding::new(
            "scratch",
            SYSTEM,
            Status::Warn,
            format!("Scratch database {name}: not dropped: {e}"),
        )
        .hint("ordctl maintain monthly --only verify"),
    }
}
