//! Scratch databases, in which dumps are restored to be verified. Each has a name of its own and is dropped
//! however the verification ends; what a killed one left behind is dropped by the next, as soon as nobody is
//! connected to it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::super::{ToolContext, ToolError};
use super::Source;
use crate::base::settings::Database;
use crate::base::units;
use crate::clients::postgres::{Dsn, Postgres, Session, explain};
use crate::clients::tidy::Tidy;
use crate::clients::{ClientError, host};
use crate::model::Locale;
use crate::store::backup::ScratchDatabase;
use crate::store::{Store, statements};

/// How long dropping one may take: the server waits for a checkpoint and unlinks every file.
const PATIENCE: Duration = Duration::from_secs(300);

/// So much more than the database has now must be free on the disk that it lies on: indexes and the log
/// are written anew.
const ROOM: f64 = 1.2;

/// The server that scratch databases are made on, and what the role may do there.
pub(crate) struct Server {
    store: Store,
    /// Its major version, and whether the role may create databases.
    pub(crate) about: Source,
    /// Whether it is the one that the dumps come from.
    pub(crate) own: bool,
}

impl Server {
    /// The configured one, else the database's own, if databases can be made on it.
    pub(crate) async fn find(ctx: &ToolContext) -> Result<Self, ToolError> {
        let (store, own) = match &ctx.settings.backup.scratch_url {
            None => (ctx.store()?, true),
            Some(url) => {
                // The file with the password is that of the other server.
                let settings = Database { password_file: None, ..ctx.settings.database.clone() };
                let dsn = Dsn::parse(url, &settings).map_err(named)?;
                let postgres = Postgres::connect_lazily(dsn, 2).map_err(named)?;
                (Store::new(Arc::new(postgres), ctx.library.clone(), ctx.limit), false)
            }
        };
        let about = store.backup_source().await?;
        if !about.creates {
            let hint = format!(
                "psql -c 'ALTER ROLE {} CREATEDB', or name another server in backup.scratch_url",
                about.role
            );
            let message = format!(
                "{} may not create databases, and a dump is verified by restoring it into one",
                about.role
            );
            return Err(ToolError::Refused { message, hint: Some(hint) });
        }
        Ok(Self { store, about, own })
    }

    /// That the database's own server has room for a scratch database; another one is made for that. On
    /// which filesystem a database lies is said by `capacity.disk`, else by the server itself, where its
    /// cluster can be seen and read on this machine.
    pub(crate) async fn room(&self, bytes: u64, ctx: &ToolContext) -> Result<(), ToolError> {
        if !self.own {
            return Ok(());
        }
        let needed = ROOM * bytes as f64;
        let disk = match &ctx.settings.capacity.disk {
            Some(disk) => Some(disk.clone()),
            None => self.directory().await,
        };
        let Some(disk) = disk else {
            return Err(ToolError::Refused {
                message: "room on the server is not known: set capacity.disk or backup.scratch_url"
                    .to_owned(),
                hint: Some(format!(
                    "a scratch database may need {} there: name the filesystem that the database lies on in capacity.disk",
                    units::bytes(needed)
                )),
            });
        };
        super::room(&disk, needed, "a scratch database").await.map_err(elsewhere)
    }

    /// The directory that the server keeps its databases in, where that can be seen from here.
    async fn directory(&self) -> Option<PathBuf> {
        if !self.postgres().is_loopback() {
            return None;
        }
        let directory = PathBuf::from(self.about.directory.clone()?);
        // A server in a container, or at the far end of a tunnel, calls its own so, too: what lies here
        // under that name must be its very cluster.
        let here = host::cluster(&directory).await.ok()?;
        (Some(here.to_string()) == self.about.system).then_some(directory)
    }

    pub(crate) fn postgres(&self) -> &Postgres {
        self.store.postgres()
    }

    pub(crate) async fn leftovers(&self) -> Result<Vec<ScratchDatabase>, ToolError> {
        Ok(self.store.scratch_databases().await?)
    }

    /// Drops what was left behind and nobody is connected to. How many went, and which stay.
    pub(crate) async fn sweep(&self) -> Result<(usize, Vec<String>), ToolError> {
        let session = self.store.postgres().session().await?;
        let (mut gone, mut stay) = (0, Vec::new());
        for leftover in self.leftovers().await? {
            // Not by force: whoever connects meanwhile is at work there.
            let sql = statements::drop_database(&leftover.name, false);
            if leftover.busy || session.batch_execute(&sql).await.is_err() {
                stay.push(leftover.name);
            } else {
                gone += 1;
            }
        }
        Ok((gone, stay))
    }

    /// Makes a scratch database, and stays connected to it, so that nobody takes it for a leftover.
    pub(crate) async fn make(&self, locale: &Locale, tidy: &Tidy) -> Result<Scratch, ToolError> {
        let name = format!("ordctl_scratch_{}", Uuid::now_v7().simple());
        let sql = statements::create_database(&name, locale);
        let session = self.store.postgres().session().await?;
        // Not to be dropped in the middle: the server would make it all the same, unseen.
        let made = tokio::spawn(async move { session.batch_execute(&sql).await });
        let postgres = self.store.postgres().clone();
        let mut scratch = Scratch { name, postgres, made: Some(made), held: None, tidy: tidy.clone() };
        scratch.finish().await?;
        let beside = scratch.beside()?;
        scratch.held = Some(beside.session().await?);
        Ok(scratch)
    }
}

fn elsewhere(error: ToolError) -> ToolError {
    match error {
        ToolError::Refused { message, hint } => {
            let hint = hint.unwrap_or_default();
            ToolError::Refused {
                message,
                hint: Some(format!("{hint}, or name another server in backup.scratch_url")),
            }
        }
        other => other,
    }
}

fn named(error: ClientError) -> ClientError {
    match error {
        ClientError::Misconfigured { message, .. } => {
            ClientError::Misconfigured { setting: "backup.scratch_url".to_owned(), message }
        }
        other => other,
    }
}

/// A scratch database. It is dropped with this, in the background.
pub(crate) struct Scratch {
    /// Its name; empty once it is gone.
    name: String,
    postgres: Arc<Postgres>,
    made: Option<tokio::task::JoinHandle<Result<(), tokio_postgres::Error>>>,
    held: Option<Session>,
    tidy: Tidy,
}

impl Scratch {
    async fn finish(&mut self) -> Result<(), ToolError> {
        let Some(made) = &mut self.made else { return Ok(()) };
        let done = made.await;
        self.made = None;
        Ok(done.map_err(|e| ToolError::failed(e.to_string()))?.map_err(|e| explain(&e))?)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn beside(&self) -> Result<Arc<Postgres>, ToolError> {
        Ok(Arc::new(self.postgres.beside(&self.name)?))
    }

    pub(crate) async fn end(mut self) -> Result<(), ToolError> {
        self.held = None;
        let name = std::mem::take(&mut self.name);
        Ok(drop_database(self.postgres.clone(), name).await?)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.name.is_empty() {
            return;
        }
        let (postgres, name) = (self.postgres.clone(), std::mem::take(&mut self.name));
        let (made, held) = (self.made.take(), self.held.take());
        self.tidy.begin(async move {
            drop(held);
            if let Some(made) = made {
                // Whether it was made or not, afterwards it is known.
                drop(made.await);
            }
            // One that cannot be dropped now is a leftover, which the next run finds.
            drop(drop_database(postgres, name).await);
        });
    }
}

/// Whoever is connected is ours.
async fn drop_database(postgres: Arc<Postgres>, name: String) -> Result<(), ClientError> {
    let work = async {
        let session = postgres.session().await?;
        session.batch_execute(&statements::drop_database(&name, true)).await.map_err(|e| explain(&e))
    };
    let late =
        || ClientError::unreachable(crate::clients::postgres::SYSTEM, format!("{name} is not dropped yet"));
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(late()))
}
