//! `backup.verify`: proves that a dump can be restored, by restoring it.
//!
//! Its checksum must be that of when it was made. Then it is restored into a scratch database, and the rows
//! of each table and the number of indexes, constraints and so on must be those that the manifest has from
//! the moment of the dump. Owners, privileges, tablespaces, publications and subscriptions are left out:
//! they belong to the server. Only a dump that passes is marked as verified; one that does not loses the
//! mark.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::backup::scratch::{Leftover, Scratch, Server};
use super::super::backup::{self, counted};
use super::super::{Output, Tool, ToolContext, ToolError};
use crate::base::units;
use crate::clients::pgdump::{self, Programs};
use crate::clients::vault::{Kept, Pending, Vault};
use crate::clients::{ClientError, host};
use crate::model::{Effect, Finding, Locale, Manifest, Status, Verified};
use crate::store::{Store, statements};

/// How often it is told how far it is.
const LOOK: Duration = Duration::from_millis(500);
/// How long a table's lock is waited for in a database that nobody else knows.
const LOCK: Duration = Duration::from_secs(60);
/// So much more than the database has now must be free on the disk that it lies on: indexes and the log
/// are written anew.
const ROOM: f64 = 1.2;

/// See the module.
pub struct BackupVerify;

/// What it is given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The dump's name without any ending; default: the one that waits, else the newest.
    #[serde(default)]
    pub name: Option<String>,
}

/// What was verified.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// The dump's name without any ending.
    pub name: String,
    /// Tables that were compared.
    pub tables: usize,
    /// Rows that were compared.
    pub rows: u64,
    /// Entries of its table of contents.
    pub entries: usize,
    /// How long it took.
    pub seconds: f64,
}

/// The dump to verify.
struct Chosen {
    stem: String,
    published: bool,
    manifest: Manifest,
}

/// Everything that has to hold before anything is restored.
struct Ready {
    vault: Vault,
    programs: Programs,
    server: Server,
    source: backup::Source,
}

async fn ready(ctx: &ToolContext) -> Result<Ready, ToolError> {
    let source = backup::source(ctx).await?;
    let vault = backup::vault(&source, ctx).await?;
    let server = Server::find(ctx).await?;
    let programs = backup::programs(source.major.max(server.about.major), ctx).await?;
    if let (true, Some(disk)) = (server.own, &ctx.settings.capacity.disk) {
        backup::room(disk, ROOM * source.bytes as f64, "a scratch database").await.map_err(elsewhere)?;
    }
    Ok(Ready { vault, programs, server, source })
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

/// Which dump it is. One that waits comes first: the run that made it wants to know.
fn choose(vault: &Vault, name: Option<&str>) -> std::io::Result<Result<Chosen, String>> {
    let shelf = vault.shelf()?;
    let fits = |stem: &str| name.is_none_or(|name| name == stem);
    let pending = shelf.pending.into_iter().find(|p| fits(&p.stem));
    let kept = shelf.dumps.into_iter().find(|d| fits(&d.stem));
    Ok(match (pending, kept) {
        (Some(Pending { stem, manifest: Some(manifest), .. }), _) => {
            Ok(Chosen { stem, published: false, manifest })
        }
        (Some(Pending { stem, .. }), _) => Err(format!("{stem}.dump.part was never finished")),
        (None, Some(Kept { stem, manifest: Some(manifest), .. })) => {
            Ok(Chosen { stem, published: true, manifest })
        }
        (None, Some(Kept { stem, .. })) => Err(format!("{stem}.dump has no manifest to be compared with")),
        (None, None) => Err(format!("there is no dump {}", name.map_or_else(|| vault.pattern(), Into::into))),
    })
}

async fn chosen(vault: &Vault, name: Option<String>) -> Result<(Chosen, File), ToolError> {
    let refuse = |message: String| ToolError::Refused {
        message,
        hint: Some("make one: ordctl maintain monthly --only dump --only verify --only publish".to_owned()),
    };
    let found = vault.aside(move |vault| {
        let chosen = match choose(vault, name.as_deref())? {
            Ok(chosen) => chosen,
            Err(why) => return Ok(Err(why)),
        };
        let ending = if chosen.published { "dump" } else { "dump.part" };
        Ok(match vault.lock(&vault.path(&chosen.stem, ending))? {
            Some(file) => Ok((chosen, file)),
            None => Err(format!("another run works on {}.{ending}", chosen.stem)),
        })
    });
    found.await?.map_err(refuse)
}

fn arguments(database: &str) -> Vec<String> {
    let fixed = [
        "--exit-on-error",
        "--no-password",
        "--no-owner",
        "--no-privileges",
        "--no-tablespaces",
        "--no-publications",
        "--no-subscriptions",
    ];
    let database = format!("--dbname={database}");
    fixed.iter().map(|&a| a.to_owned()).chain([database]).collect()
}

#[async_trait]
impl Tool for BackupVerify {
    type Params = Params;
    type Result = Outcome;

    const NAME: &'static str = "backup.verify";
    const HELP: &'static str = "restores a dump into a scratch database and compares what is in it";
    const SOURCE: &'static str = pgdump::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, _: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let ready = ready(ctx).await?;
        let mut calls: Vec<String> = ready.server.leftovers().await?.iter().filter_map(planned).collect();
        let (scratch, at) = ("ordctl_scratch_<id>", ready.vault.pattern());
        let pg_restore = ready.programs.dir.join("pg_restore");
        calls.extend([
            format!("sha256sum {at}.dump.part"),
            format!("{} --list {at}.dump.part", pg_restore.display()),
            create(scratch, &ready.source.locale),
            format!("{} {} < {at}.dump.part", pg_restore.display(), arguments(scratch).join(" ")),
            "rows of each table, indexes and constraints compared".to_owned(),
            statements::drop_database(scratch, true),
            format!("verified > {at}.dump.json.part"),
        ]);
        Ok(calls)
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Outcome>, ToolError> {
        let begin = Instant::now();
        let ready = ready(ctx).await?;
        let (dump, file) = chosen(&ready.vault, params.name).await?;
        let proven = prove(&ready, &dump, &file, ctx).await;
        let mut manifest = dump.manifest.clone();
        let seconds = begin.elapsed().as_secs_f64();
        manifest.verified = proven.is_ok().then(|| Verified {
            at: ctx.clock.now(),
            seconds,
            server: ready.server.about.major,
        });
        let (stem, published) = (dump.stem.clone(), dump.published);
        let written = manifest.clone();
        let recorded = ready.vault.aside(move |vault| vault.record(&stem, published, &written)).await;
        let entries = proven?;
        recorded?;
        let mut findings = vec![verdict(&dump, &manifest, seconds)];
        findings.extend(swept(&ready).await?);
        let (tables, rows) = (manifest.rows.len(), manifest.all_rows());
        let outcome = Outcome { name: dump.stem, tables, rows, entries, seconds };
        Ok(Output::new(findings, outcome))
    }
}

fn planned(leftover: &Leftover) -> Option<String> {
    (!leftover.busy).then(|| statements::drop_database(&leftover.name, false))
}

fn create(name: &str, locale: &Locale) -> String {
    statements::create_database(name, locale)
}

fn verdict(dump: &Chosen, manifest: &Manifest, seconds: f64) -> Finding {
    let summary = format!(
        "{}: restored and compared in {}, {} with {} rows",
        dump.stem,
        units::duration(seconds),
        counted(manifest.rows.len(), "table"),
        units::count(manifest.all_rows() as f64)
    );
    Finding::new("", pgdump::SYSTEM, Status::Ok, summary).details(json!(manifest.objects))
}

/// Drops what earlier verifications left behind.
async fn swept(ready: &Ready) -> Result<Option<Finding>, ToolError> {
    let (gone, stay) = ready.server.sweep().await?;
    let finding = |status, text: String| {
        let list =
            "psql -c \"SELECT pid, datname FROM pg_stat_activity WHERE datname LIKE 'ordctl_scratch_%'\"";
        Finding::new("leftovers", crate::clients::postgres::SYSTEM, status, text).hint(list)
    };
    Ok(match (gone, stay.is_empty()) {
        (0, true) => None,
        (n, true) => {
            Some(finding(Status::Ok, format!("{} of killed runs dropped", counted(n, "scratch database"))))
        }
        (_, false) => {
            Some(finding(Status::Warn, format!("somebody is connected to {}: it stays", stay.join(", "))))
        }
    })
}

/// Everything that must hold of a verified dump; how many entries it has.
async fn prove(ready: &Ready, dump: &Chosen, file: &File, ctx: &ToolContext) -> Result<usize, ToolError> {
    let manifest = &dump.manifest;
    checksum(&dump.stem, manifest, file, ctx).await?;
    let path = ready.vault.path(&dump.stem, if dump.published { "dump" } else { "dump.part" });
    let environment = ready.server_environment()?;
    let entries =
        ready.programs.list(&environment, &path).await.map_err(|e| bad(&dump.stem, &e.to_string()))?;
    ready.server.sweep().await?;
    let scratch = ready.server.make(&manifest.locale, &ctx.clients.tidy).await?;
    let compared = restore(ready, dump, file, &scratch, ctx).await;
    let dropped = scratch.end().await;
    compared?;
    dropped?;
    Ok(entries)
}

impl Ready {
    fn server_environment(&self) -> Result<crate::clients::postgres::Environment, ToolError> {
        Ok(self.server.postgres().environment(self.programs.major)?)
    }
}

fn bad(stem: &str, why: &str) -> ToolError {
    ToolError::Rejected {
        message: format!("{stem} is no backup: {why}"),
        hint: Some(
            "make a new one: ordctl maintain monthly; older dumps are kept until that is verified".to_owned(),
        ),
    }
}

fn handle(file: &File) -> Result<File, ToolError> {
    use std::io::{Seek, SeekFrom};
    let fail = |e: std::io::Error| ClientError::failed(host::SYSTEM, e);
    let mut file = file.try_clone().map_err(fail)?;
    // Handles of one file share their place in it.
    file.seek(SeekFrom::Start(0)).map_err(fail)?;
    Ok(file)
}

/// That the file is the one that was written.
async fn checksum(stem: &str, manifest: &Manifest, file: &File, ctx: &ToolContext) -> Result<(), ToolError> {
    let far = Arc::new(AtomicU64::new(0));
    let work = pgdump::digest(handle(file)?, far.clone());
    let found = watched(work, &far, manifest.bytes, "checksum", ctx).await?;
    if found.bytes != manifest.bytes {
        let (has, had) = (units::count(found.bytes as f64), units::count(manifest.bytes as f64));
        return Err(bad(stem, &format!("it has {has} bytes, of the {had} that were written")));
    }
    if found.sha256 != manifest.sha256 {
        let why = format!("its checksum is {}, it was {} when it was written", found.sha256, manifest.sha256);
        return Err(bad(stem, &why));
    }
    Ok(())
}

async fn restore(
    ready: &Ready,
    dump: &Chosen,
    file: &File,
    scratch: &Scratch,
    ctx: &ToolContext,
) -> Result<(), ToolError> {
    let beside = scratch.beside()?;
    let environment = beside.environment(ready.programs.major)?;
    let far = Arc::new(AtomicU64::new(0));
    let arguments = arguments(scratch.name());
    let work = ready.programs.restore(&environment, &arguments, handle(file)?, far.clone());
    let restored = watched(work, &far, dump.manifest.bytes, "restored", ctx).await;
    restored.map_err(|e| unrestorable(&dump.stem, &e))?;
    let store = Store::new(beside, ctx.library.clone(), ctx.limit);
    compare(dump, &store, ctx).await
}

fn unrestorable(stem: &str, error: &ClientError) -> ToolError {
    let text = error.to_string();
    let hint = if text.contains("violates check constraint") {
        Some(
            "rows that the table's own check refuses cannot be restored: ordctl migrate drops those that Ordinaut sets",
        )
    } else if text.contains("extension") {
        Some("install the extension where it is restored, or name a server that has it in backup.scratch_url")
    } else {
        None
    };
    match (bad(stem, &format!("it cannot be restored: {text}")), hint) {
        (ToolError::Rejected { message, .. }, Some(hint)) => {
            ToolError::Rejected { message, hint: Some(hint.to_owned()) }
        }
        (error, _) => error,
    }
}

/// That everything is there that the manifest names.
async fn compare(dump: &Chosen, store: &Store, ctx: &ToolContext) -> Result<(), ToolError> {
    let snapshot = store.snapshot(LOCK, ctx.limit).await?;
    let mut found = Vec::new();
    for table in snapshot.tables().await? {
        found.push(snapshot.count(table).await?);
    }
    for wanted in &dump.manifest.rows {
        let name = format!("{}.{}", wanted.schema, wanted.table);
        let there = found.iter().find(|t| (&t.schema, &t.table) == (&wanted.schema, &wanted.table));
        match there {
            None => return Err(bad(&dump.stem, &format!("restored, there is no table {name}"))),
            Some(there) if there.rows != wanted.rows => {
                let (has, had) = (units::count(there.rows as f64), units::count(wanted.rows as f64));
                return Err(bad(&dump.stem, &format!("restored, {name} has {has} rows, it had {had}")));
            }
            Some(_) => {}
        }
    }
    let objects = snapshot.objects().await?;
    for (kind, wanted) in &dump.manifest.objects {
        let there = objects.get(kind);
        if there.is_some_and(|n| n != wanted) {
            let there = there.map(ToString::to_string).unwrap_or_default();
            return Err(bad(&dump.stem, &format!("restored, it has {there} {kind}, it had {wanted}")));
        }
    }
    Ok(())
}

/// Awaits work on the dump's bytes and tells how many of them are done.
async fn watched<T>(
    work: impl Future<Output = T>,
    far: &AtomicU64,
    whole: u64,
    note: &str,
    ctx: &ToolContext,
) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(LOOK) => {
                let bytes = far.load(Ordering::Relaxed);
                let whole_text = units::bytes(whole as f64);
                ctx.progress(bytes, Some(whole.max(bytes)), format!("{note}: {} of {whole_text}", units::bytes(bytes as f64)));
            }
        }
    }
}
