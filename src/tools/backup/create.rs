//! `backup.create`: dumps the database in pg_dump's custom format and writes a manifest.
//!
//! * Row counts come from the snapshot that pg_dump reads.
//! * The server's global objects (roles, tablespaces) are dumped beside it, as far as the role may read them.
//! * The dump stays pending (`.dump.part`) until `backup.verify` has restored it and `backup.publish` renames it.
//! * Leftovers of killed runs are deleted first; a verified leftover with a matching checksum is published.
//!   A dump that another run has locked is a refusal.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dir::{BackupDir, UnfinishedFiles};
use super::leftovers::Leftovers;
use super::manifest::{MANIFEST_VERSION, Manifest};
use super::pg_programs::{self, PgPrograms};
use super::{Source, globals};
use crate::base::units;
use crate::base::units::{Span, counted};
use crate::clients::{ClientError, host};
use crate::model::{Effect, Finding, Status, StepPlan, TableRows};
use crate::store::{ExportedSnapshot, Snapshot};
use crate::tools::{Output, Tool, ToolContext, ToolError, backup};

/// Retries for an unused name: names have a resolution of one second.
const NAME_RETRIES: usize = 30;
const NAME_RETRY_INTERVAL: Duration = Duration::from_millis(100);

pub(crate) struct BackupCreate;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Required free disk space as a fraction of the database size. Dumps are compressed and contain no
    /// indexes, so 1 is enough.
    #[serde(default = "room")]
    #[schemars(range(min = 0))]
    pub(crate) room: f64,
    /// Time to wait for a table lock.
    #[serde(default = "lock_timeout")]
    pub(crate) lock_timeout: Span,
}

const fn room() -> f64 {
    1.0
}

fn lock_timeout() -> Span {
    Span::seconds(5)
}

#[derive(Debug, Serialize)]
pub(crate) struct Created {
    /// The dump's name without an ending.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: String,
    pub(crate) tables: usize,
    /// Rows of all tables.
    pub(crate) rows: u64,
    pub(crate) seconds: f64,
}

struct Prerequisites {
    source: Source,
    dir: BackupDir,
    programs: PgPrograms,
    leftovers: Leftovers,
}

async fn prepare(params: &Params, ctx: &ToolContext) -> Result<Prerequisites, ToolError> {
    let source = backup::source(ctx).await?;
    require_complete(&source)?;
    let dir = backup::open_dir(&source, ctx).await?;
    let programs = backup::programs(source.major, ctx).await?;
    ctx.clients.postgres()?.environment(programs.major)?;
    let leftovers = Leftovers::find(&dir).await?;
    // Partial files of killed runs are deleted first.
    let needed = params.room * source.bytes as f64 - leftovers.stale_bytes as f64;
    backup::require_space(dir.path(), needed, "a dump").await?;
    Ok(Prerequisites { source, dir, programs, leftovers })
}

/// Refuses what pg_dump would fail at after it dumped everything before it.
fn require_complete(source: &Source) -> Result<(), ToolError> {
    let role = &source.role;
    let refuse = |message: String, hint: String| Err(ToolError::Refused { message, hint: Some(hint) });
    if let Some(tables) = &source.unreadable {
        return refuse(
            format!("role {role} may not read {tables}: the dump would be incomplete"),
            format!("psql -c 'GRANT pg_read_all_data TO {role}'"),
        );
    }
    if let Some(tables) = &source.filtered {
        return refuse(
            format!(
                "row-level security hides rows of {tables} from role {role}: the dump would be incomplete"
            ),
            format!("psql -c 'ALTER ROLE {role} BYPASSRLS'"),
        );
    }
    match source.foreign_large_objects {
        0 => Ok(()),
        n => refuse(
            format!("role {role} may not read {n} large objects: the dump would be incomplete"),
            "dump as a superuser or as the owner of the large objects".to_owned(),
        ),
    }
}

async fn unused_stem(dir: &BackupDir, ctx: &ToolContext) -> Result<String, ToolError> {
    for _ in 0..NAME_RETRIES {
        let stem = dir.stem(ctx.clock.now());
        if !dir.dump_files(&stem).iter().any(|path| path.exists()) {
            return Ok(stem);
        }
        tokio::time::sleep(NAME_RETRY_INTERVAL).await;
    }
    let name = dir.stem(ctx.clock.now());
    Err(ToolError::failed(format!("dump {name} exists and the clock does not advance")))
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
    const HELP: &'static str = "Dump the database and count its rows in the same snapshot";
    const SOURCE: &'static str = pg_programs::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let Prerequisites { source, dir, programs, leftovers } = prepare(params, ctx).await?;
        let mut calls = leftovers.calls(&dir);
        let (at, target) = (dir.pattern(), ctx.clients.postgres()?.target());
        let pg_dump = programs.dir.join(pg_programs::SYSTEM);
        let pg_dumpall = programs.dir.join(pg_programs::DUMPALL);
        let dump_arguments = arguments(params, "<snapshot>").join(" ");
        let global_arguments = globals::arguments(&source).join(" ");
        calls.push(format!("{} {dump_arguments} of {target} > {at}.dump.part", pg_dump.display()));
        calls
            .push(format!("{} {global_arguments} of {target} > {at}.globals.sql.part", pg_dumpall.display()));
        calls.push(format!("row counts per table in the same snapshot > {at}.dump.json.part"));
        let (size, dir) = (units::bytes(source.bytes as f64), dir.path().display());
        let text = format!("Dump the database ({size}) to {dir}");
        Ok(match leftovers.described() {
            None => StepPlan::new(text, calls),
            Some(files) => StepPlan::new(format!("{text}, after deleting {files}"), calls).deleting(files),
        })
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Created>, ToolError> {
        let begin = Instant::now();
        let ready = prepare(&params, ctx).await?;
        let published = ready.leftovers.resolve(&ready.dir, ctx.consent()?).await?;
        let stem = unused_stem(&ready.dir, ctx).await?;
        let (name, consented) = (stem.clone(), ctx.consent()?.clone());
        let file = ready.dir.run(move |dir| dir.create(&name, "dump.part", &consented)).await?;
        // From here on the files with this name are ours to delete.
        let unfinished = UnfinishedFiles::new(ready.dir.dump_files(&stem));
        let mut manifest = dump(&ready, file, &params, ctx, begin).await?;
        let (global_objects, note) =
            globals::dump(&ready.source, &ready.dir, &ready.programs, &stem, ctx).await;
        manifest.globals = global_objects;
        let (name, written, consented) = (stem.clone(), manifest.clone(), ctx.consent()?.clone());
        ready.dir.run(move |dir| dir.write_manifest(&name, false, &written, &consented)).await?;
        unfinished.keep();
        let created = Created {
            path: ready.dir.file(&stem, "dump.part"),
            name: stem,
            bytes: manifest.bytes,
            sha256: manifest.sha256.clone(),
            tables: manifest.rows.len(),
            rows: manifest.total_rows(),
            seconds: manifest.seconds,
        };
        let finding = Finding::new("", Self::SOURCE, Status::Ok, summary(&created, &ready.source))
            .details(json!(created));
        let earlier = published.iter().map(|stem| {
            let text = format!("Earlier dump: {stem}, verified by a previous run, published");
            Finding::new("earlier", host::SYSTEM, Status::Ok, text)
        });
        let deleted = ready
            .leftovers
            .described()
            .map(|files| Finding::new("leftovers", host::SYSTEM, Status::Ok, format!("Deleted: {files}")));
        Ok(Output::new([finding].into_iter().chain(note).chain(earlier).chain(deleted).collect(), created))
    }
}

fn summary(created: &Created, source: &Source) -> String {
    format!(
        "Dump {}: {} (database {}), {} with {} rows, took {}, not yet verified",
        created.name,
        units::bytes(created.bytes as f64),
        units::bytes(source.bytes as f64),
        counted(created.tables as f64, "table"),
        units::count(created.rows as f64),
        units::duration(created.seconds),
    )
}

/// Dumps the database and counts its rows in the same snapshot.
async fn dump(
    ready: &Prerequisites,
    file: File,
    params: &Params,
    ctx: &ToolContext,
    begin: Instant,
) -> Result<Manifest, ToolError> {
    // The lock lasts as long as any handle of the file is open.
    let _locked = file.try_clone().map_err(|e| ClientError::failed(host::SYSTEM, e))?;
    let snapshot = ctx.store()?.snapshot(params.lock_timeout.duration(), ctx.limit).await?;
    let exported = snapshot.export().await?;
    let environment = ctx.clients.postgres()?.environment(ready.programs.major)?;
    let progress = Arc::new(AtomicU64::new(0));
    let arguments = arguments(params, &exported.id);
    let dumping = ready.programs.dump(&environment, &arguments, file, progress.clone());
    let both = async {
        let dumped = async { dumping.await.map_err(with_hint) };
        tokio::try_join!(dumped, count(&snapshot))
    };
    let (written, (rows, objects)) = backup::with_progress(both, &progress, None, "written", ctx).await?;
    Ok(manifest(ready, &exported, written, rows, objects, begin))
}

type Counts = (Vec<TableRows>, serde_json::Map<String, serde_json::Value>);

async fn count(snapshot: &Snapshot) -> Result<Counts, ToolError> {
    let mut rows = Vec::new();
    for table in snapshot.tables().await? {
        rows.push(snapshot.count_rows(table).await?);
    }
    Ok((rows, snapshot.objects().await?))
}

fn with_hint(error: ClientError) -> ToolError {
    let text = error.to_string();
    let hint = if text.contains("No space left") {
        "free disk space, or set backup.dir to another directory"
    } else if text.contains("lock timeout") {
        "ordctl health morning --only postgres"
    } else {
        "ordctl doctor --only backup"
    };
    ToolError::Failed { message: text, hint: Some(hint.to_owned()) }
}

fn manifest(
    ready: &Prerequisites,
    exported: &ExportedSnapshot,
    written: pg_programs::Written,
    rows: Vec<TableRows>,
    objects: serde_json::Map<String, serde_json::Value>,
    begin: Instant,
) -> Manifest {
    Manifest {
        manifest_version: MANIFEST_VERSION,
        origin: ready.dir.origin().clone(),
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
