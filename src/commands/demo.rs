//! `demo`: a first look. It starts an embedded PostgreSQL of its own, fills it with a plausible
//! day, prints the morning report and takes everything away again. No configured system is
//! touched.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Context;
use super::cli::GlobalFlags;
use super::report::{ActFlags, LookFlags, show};
use crate::base::exit;
use crate::base::fault::Fault;
use crate::base::layout::Layout;
use crate::base::settings::{Resolved, Settings};
use crate::clients::ClientError;
use crate::engine::demo;
use crate::engine::embedded::{Embedded, EmbeddedError};
use crate::engine::migrations::{MigrationError, Options, migrate};
use crate::render::stdio;
use crate::store::Store;

/// Show the morning report of a made-up day in a throw-away PostgreSQL
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ordctl demo\n  ordctl demo -o markdown")]
pub struct Demo {}

impl Demo {
    /// Runs it. The made-up day has its troubles; the exit code says whether they could be shown.
    pub async fn execute(&self, flags: GlobalFlags) -> Result<u8, Fault> {
        let place = Place::make()?;
        let settings =
            Settings { environment: "demo".into(), data_dir: Some(place.0.clone()), ..Settings::default() };
        let embedded = Embedded::join(&Layout::new(place.0.clone())).await.map_err(EmbeddedError::fault)?;
        let context = Context::new(flags, Resolved::from(settings));
        let shown = fill_and_show(&context).await;
        embedded.leave().await.map_err(EmbeddedError::fault)?;
        match shown? {
            exit::INTERRUPTED => Ok(exit::INTERRUPTED),
            _ => Ok(exit::OK),
        }
    }
}

async fn fill_and_show(context: &Context) -> Result<u8, Fault> {
    let world = context.world(None)?;
    let postgres = world.ctx.clients.postgres().map_err(ClientError::fault)?;
    let options = Options::default();
    let store = Store::new(postgres.clone(), world.ctx.library.clone(), options.statement_timeout);
    migrate(&store, &options).await.map_err(MigrationError::fault)?;
    let counts =
        demo::fill(&store).await.map_err(|e| Fault::failed("cannot fill the database").because(e))?;
    stdio::note(&format!(
        "an embedded PostgreSQL with a made-up day: {} tasks, {} runs, {} items in the queue\n",
        counts.tasks, counts.runs, counts.due_work
    ));
    show(context, "health/morning", &LookFlags::default(), &ActFlags::default()).await
}

/// A directory that is gone when the demonstration ends.
struct Place(PathBuf);

impl Place {
    fn make() -> Result<Self, Fault> {
        let path = std::env::temp_dir().join(format!("ordctl-demo-{}", std::process::id()));
        let make = |path: &Path| {
            std::fs::create_dir(path)?;
            // PostgreSQL's own user must be able to pass through.
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
        };
        make(&path).map_err(|e| Fault::failed(format!("cannot make {}", path.display())).because(e))?;
        Ok(Self(path))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What cannot be removed lies in the directory for temporary files.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
