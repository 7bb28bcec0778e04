//! `backup.create`: dumps the database in pg_dump's custom format, with a manifest beside it.
//!
//! Beside it lies what no dump of one database holds: the server's roles, as far as the connected role may
//! know them. The rows of each table are counted at the very moment that the dump shows. The dump waits under a name
//! that nobody takes for a backup until `backup.verify` has restored it and `backup.publish` names it. What
//! a killed run left of one is removed first, unless it was verified: that is published, if its checksum still
//! holds. A dump that another run works on is a refusal.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units;
use crate::base::units::{Span, counted};
use crate::clients::ClientError;
use crate::model::backup::MANIFEST_VERSION;
use crate::model::{Effect, Finding, Manifest, Status, TableRows};
use crate::store::{ExportedSnapshot, Snapshot};
use crate::tools::backup;
use crate::tools::backup::Source;
use crate::tools::backup::dir::BackupDir;
use crate::tools::backup::globals;
use crate::tools::backup::leftovers::Left;
use crate::tools::backup::pg_programs;
use crate::tools::backup::pg_programs::Programs;
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// How often and how soon again a free name is looked for: over more than a second.
const TRIES: usize = 30;
const TRY: Duration = Duration::from_millis(100);

pub(crate) struct BackupCreate;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// So much room must be free, as a share of the database's size. A dump is compressed and without
    /// indexes, so 1 is plenty.
    #[serde(default = "room")]
    #[schemars(range(min = 0))]
    pub(crate) room: f64,
    /// How long to wait for a table's lock before giving up.
    #[serde(default = "lock_timeout")]
    pub(crate) lock_timeout: Span,
}

const fn room() -> f64 {
    1.0
}

fn lock_timeout() -> Span {
    Span::seconds(5)
}

/// What was made.
#[derive(Debug, Serialize)]
pub(crate) struct Created {
    /// Its name without any ending.
    pub(crate) name: String,
    /// Where it waits to be verified.
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: String,
    /// Tables.
    pub(crate) tables: usize,
    /// Rows of all tables.
    pub(crate) rows: u64,
    /// How long it took.
    pub(crate) seconds: f64,
}

/// Everything that has to hold before a dump is begun.
struct Ready {
    source: Source,
    vault: BackupDir,
    programs: Programs,
    left: Left,
}

async fn ready(params: &Params, ctx: &ToolContext) -> Result<Ready, ToolError> {
    let source = backup::source(ctx).await?;
    if let Some(tables) = &source.unreadable {
        return Err(ToolError::Refused {
            message: format!("{} may not read {tables}: a dump without them is none", source.role),
            hint: Some(format!("psql -c 'GRANT pg_read_all_data TO {}'", source.role)),
        });
    }
    let vault = backup::vault(&source, ctx).await?;
    let programs = backup::programs(source.major, ctx).await?;
    ctx.clients.postgres()?.environment(programs.major)?;
    let left = Left::find(&vault).await?;
    backup::room(vault.dir(), params.room * source.bytes as f64, "a dump").await?;
    Ok(Ready { source, vault, programs, left })
}

/// A name that nothing has: another dump may have been made in this very second.
async fn stem(vault: &BackupDir, ctx: &ToolContext) -> Result<String, ToolError> {
    for _ in 0..TRIES {
        let stem = vault.stem(ctx.clock.now());
        if !vault.files_of(&stem).iter().any(|path| path.exists()) {
            return Ok(stem);
        }
        tokio::time::sleep(TRY).await;
    }
    Err(ToolError::failed("the clock stands still: a dump of this second is there"))
}

fn arguments(params: &Params, snapshot: &str) -> Vec<String> {
    vec![
        "--format=custom".to_owned(),
        "--no-password".to_owned(),
        format!("--lock-wait-timeout={}", params.lock_timeout.duration().as_millis()),
        format!("--snapshot={snapshot}"),
    ]
}

impl Tool for BackupCreate {
    type Params = Params;
    type Result = Created;

    const NAME: &'static str = "backup.create";
    const HELP: &'static str = "dumps the database, and counts its rows at the same moment";
    const SOURCE: &'static str = pg_programs::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let ready = ready(params, ctx).await?;
        let mut calls = ready.left.calls(&ready.vault);
        let (at, pg_dump) = (ready.vault.pattern(), ready.programs.dir.join(pg_programs::SYSTEM));
        let arguments = arguments(params, "<snapshot>").join(" ");
        calls.push(format!(
            "{} {arguments} of {} > {at}.dump.part",
            pg_dump.display(),
            ctx.clients.postgres()?.target()
        ));
        calls.push(format!(
            "{} {} of {} > {at}.globals.sql.part",
            ready.programs.dir.join(pg_programs::DUMPALL).display(),
            globals::arguments(&ready.source).join(" "),
            ctx.clients.postgres()?.target()
        ));
        calls.push(format!("rows of each table at that moment > {at}.dump.json.part"));
        Ok(calls)
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Created>, ToolError> {
        let begin = Instant::now();
        let ready = ready(&params, ctx).await?;
        let published = ready.left.settle(&ready.vault).await?;
        let stem = stem(&ready.vault, ctx).await?;
        let name = stem.clone();
        let file = ready.vault.aside(move |vault| vault.begin(&name, "dump.part")).await?;
        // Only now it is ours to remove.
        let unfinished = Unfinished::new(&ready.vault, &stem);
        let mut manifest = dump(&ready, file, &params, ctx, begin).await?;
        let (beside, told) = globals::dump(&ready.source, &ready.vault, &ready.programs, &stem, ctx).await;
        manifest.globals = beside;
        let (name, written) = (stem.clone(), manifest.clone());
        ready.vault.aside(move |vault| vault.record(&name, false, &written)).await?;
        unfinished.keep();
        let created = Created {
            path: ready.vault.path(&stem, "dump.part"),
            name: stem,
            bytes: manifest.bytes,
            sha256: manifest.sha256.clone(),
            tables: manifest.rows.len(),
            rows: manifest.all_rows(),
            seconds: manifest.seconds,
        };
        let summary = format!(
            "{}: {} of {} in {}, {} with {} rows, waits to be verified",
            created.name,
            units::bytes(created.bytes as f64),
            units::bytes(ready.source.bytes as f64),
            units::duration(created.seconds),
            counted(created.tables as f64, "table"),
            units::count(created.rows as f64),
        );
        let finding = Finding::new("", Self::SOURCE, Status::Ok, summary).details(json!(created));
        let earlier = published.iter().map(|stem| {
            let text = format!("{stem}: verified by an earlier run, has its name now");
            Finding::new("earlier", crate::clients::host::SYSTEM, Status::Ok, text)
        });
        Ok(Output::new([finding].into_iter().chain(told).chain(earlier).collect(), created))
    }
}

/// The files of a dump, removed with this unless they are to be kept.
struct Unfinished(Vec<PathBuf>);

impl Unfinished {
    fn new(vault: &BackupDir, stem: &str) -> Self {
        Self(vault.files_of(stem))
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        for path in &self.0 {
            // Most are not there; what cannot be removed is removed by the next run.
            drop(std::fs::remove_file(path));
        }
    }
}

/// Makes the dump and counts what it must hold.
async fn dump(
    ready: &Ready,
    file: File,
    params: &Params,
    ctx: &ToolContext,
    begin: Instant,
) -> Result<Manifest, ToolError> {
    // The lock lasts as long as any handle of the file is open.
    let _locked = file.try_clone().map_err(|e| ClientError::failed(crate::clients::host::SYSTEM, e))?;
    let snapshot = ctx.store()?.snapshot(params.lock_timeout.duration(), ctx.limit).await?;
    let exported = snapshot.export().await?;
    let environment = ctx.clients.postgres()?.environment(ready.programs.major)?;
    let far = Arc::new(AtomicU64::new(0));
    let arguments = arguments(params, &exported.id);
    let dumping = ready.programs.dump(&environment, &arguments, file, far.clone());
    let counting = count(&snapshot);
    let both = async {
        let dumped = async { dumping.await.map_err(mended) };
        tokio::try_join!(dumped, counting)
    };
    let (written, (rows, objects)) = backup::watched(both, &far, None, "written", ctx).await?;
    Ok(manifest(ready, &exported, written, rows, objects, begin))
}

type Counted = (Vec<TableRows>, serde_json::Map<String, serde_json::Value>);

async fn count(snapshot: &Snapshot) -> Result<Counted, ToolError> {
    let mut rows = Vec::new();
    for table in snapshot.tables().await? {
        rows.push(snapshot.count_rows(table).await?);
    }
    Ok((rows, snapshot.objects().await?))
}

/// What pg_dump says may hold a way out.
fn mended(error: ClientError) -> ToolError {
    let text = error.to_string();
    let hint = if text.contains("No space left") {
        "make room, or name another directory in backup.dir"
    } else if text.contains("lock timeout") {
        "ordctl health morning --only postgres: somebody holds a table's lock"
    } else {
        "ordctl doctor --only backup"
    };
    ToolError::Failed { message: text, hint: Some(hint.to_owned()) }
}

fn manifest(
    ready: &Ready,
    exported: &ExportedSnapshot,
    written: pg_programs::Written,
    rows: Vec<TableRows>,
    objects: serde_json::Map<String, serde_json::Value>,
    begin: Instant,
) -> Manifest {
    Manifest {
        manifest_version: MANIFEST_VERSION,
        origin: ready.vault.origin().clone(),
        server: ready.source.server.clone(),
        program: ready.programs.major,
        made_at: exported.at,
        seconds: begin.elapsed().as_secs_f64(),
        bytes: written.bytes,
        sha256: written.sha256,
        database_bytes: ready.source.bytes,
        locale: ready.source.locale.clone(),
        rows,
        objects,
        globals: None,
        verified: None,
    }
}
