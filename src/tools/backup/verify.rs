//! `backup.verify`: proves that a dump can be restored, by restoring it.
//!
//! Its checksum must be that of when it was made. Then it is restored into a scratch database, and the rows
//! of each table and the number of indexes, constraints and so on must be those that the manifest has from
//! the moment of the dump. Owners, privileges, tablespaces, publications and subscriptions are left out:
//! they belong to the server. Only a dump that passes is marked as verified. One that was published loses the
//! mark only when it is not the file any more that was marked: what keeps a good file from being restored here
//! and now says nothing about it.

use std::fs::File;
use std::time::Instant;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units;
use crate::base::units::counted;
use crate::model::{Effect, Finding, Locale, Manifest, Status, Verified};
use crate::store::backup::ScratchDatabase;
use crate::store::statements;
use crate::tools::backup;
use crate::tools::backup::dir::{BackupDir, Kept, Pending};
use crate::tools::backup::globals;
use crate::tools::backup::pg_programs;
use crate::tools::backup::proof::{Chosen, Proof, Ready, arguments, checksum, prove};
use crate::tools::backup::scratch::Server;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct BackupVerify;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The dump's name without any ending; default: the one that waits, else the newest.
    #[serde(default)]
    pub(crate) name: Option<String>,
}

/// What was verified.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    /// The dump's name without any ending.
    pub(crate) name: String,
    /// Tables that were compared.
    pub(crate) tables: usize,
    /// Rows that were compared.
    pub(crate) rows: u64,
    /// Entries of its table of contents.
    pub(crate) entries: usize,
    /// How long it took.
    pub(crate) seconds: f64,
}

async fn ready(ctx: &ToolContext) -> Result<Ready, ToolError> {
    let source = backup::source(ctx).await?;
    let vault = backup::vault(&source, ctx).await?;
    let server = Server::find(ctx).await?;
    let programs = backup::programs(source.major.max(server.about.major), ctx).await?;
    server.room(source.bytes, ctx).await?;
    Ok(Ready { vault, programs, server, source })
}

/// Which dump it is. One that waits comes first: the run that made it wants to know.
fn choose(vault: &BackupDir, name: Option<&str>) -> std::io::Result<Result<Chosen, String>> {
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

async fn chosen(vault: &BackupDir, name: Option<String>) -> Result<(Chosen, File), ToolError> {
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

impl Tool for BackupVerify {
    type Params = Params;
    type Result = Outcome;

    const NAME: &'static str = "backup.verify";
    const HELP: &'static str = "restores a dump into a scratch database and compares what is in it";
    const SOURCE: &'static str = pg_programs::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, _: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let ready = ready(ctx).await?;
        let mut calls: Vec<String> = ready.server.leftovers().await?.iter().filter_map(planned).collect();
        let (scratch, at) = ("ordctl_scratch_<id>", ready.vault.pattern());
        let pg_restore = ready.programs.dir.join("pg_restore");
        calls.extend([
            format!("sha256sum {at}.dump.part (the one that waits, else the newest .dump)"),
            format!("sha256sum {at}.globals.sql.part, of the one beside it"),
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
        let intact = checksum(&dump, &file, ctx).await;
        let changed = matches!(intact, Err(ToolError::Rejected { .. }));
        let proven = match intact {
            Ok(()) => prove(&ready, &dump, &file, ctx).await,
            Err(e) => Err(e),
        };
        let mut manifest = dump.manifest.clone();
        let seconds = begin.elapsed().as_secs_f64();
        match &proven {
            Ok(_) => {
                let (at, server) = (ctx.clock.now(), ready.server.about.major);
                manifest.verified = Some(Verified { at, seconds, server });
            }
            Err(ToolError::Rejected { .. }) if changed || !dump.published => manifest.verified = None,
            // What kept it from being proven says nothing about the dump.
            Err(_) => {}
        }
        let recorded = recorded(&ready, &dump, &manifest).await;
        let Proof { entries, stays } = proven?;
        recorded?;
        let mut findings = vec![verdict(&dump, &manifest, seconds)];
        findings.extend(globals::changed(&ready.vault, &dump.stem, &manifest).await);
        findings.extend(match stays {
            Some((name, why)) => Some(left(&name, &why)),
            // It is proven, whatever was left behind by others.
            None => swept(&ready).await.unwrap_or_else(|e| Some(left("a scratch database", &e))),
        });
        let (tables, rows) = (manifest.rows.len(), manifest.all_rows());
        let outcome = Outcome { name: dump.stem, tables, rows, entries, seconds };
        Ok(Output::new(findings, outcome))
    }
}

/// Writes the manifest anew, if it says anything else than before.
async fn recorded(ready: &Ready, dump: &Chosen, manifest: &Manifest) -> Result<(), ToolError> {
    if *manifest == dump.manifest {
        return Ok(());
    }
    let (stem, published, written) = (dump.stem.clone(), dump.published, manifest.clone());
    Ok(ready.vault.aside(move |vault| vault.record(&stem, published, &written)).await?)
}

/// That a scratch database is still there.
fn left(name: &str, why: &ToolError) -> Finding {
    let text = format!("the dump is good; {name} was not dropped: {why}");
    Finding::new("leftovers", crate::clients::postgres::SYSTEM, Status::Warn, text)
        .hint("the next run drops it: ordctl maintain monthly --only verify")
}

fn planned(leftover: &ScratchDatabase) -> Option<String> {
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
        counted(manifest.rows.len() as f64, "table"),
        units::count(manifest.all_rows() as f64)
    );
    Finding::new("", pg_programs::SYSTEM, Status::Ok, summary).details(json!(manifest.objects))
}

/// Drops what earlier verifications left behind.
async fn swept(ready: &Ready) -> Result<Option<Finding>, ToolError> {
    let (gone, stay) = ready.server.sweep().await?;
    let finding = |status, text: String| {
        let list = "psql -xc 'TABLE pg_stat_activity', and when they are gone: ordctl maintain monthly --only verify";
        Finding::new("leftovers", crate::clients::postgres::SYSTEM, status, text).hint(list)
    };
    Ok(match (gone, stay.is_empty()) {
        (0, true) => None,
        (n, true) => Some(finding(
            Status::Ok,
            format!("{} of killed runs dropped", counted(n as f64, "scratch database")),
        )),
        (_, false) => {
            Some(finding(Status::Warn, format!("somebody is connected to {}: it stays", stay.join(", "))))
        }
    })
}
