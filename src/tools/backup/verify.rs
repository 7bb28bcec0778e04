//! `backup.verify`: restores a dump into a scratch database and compares it with the manifest.
//!
//! The checksum must match, and the restored database must have the tables, row counts and numbers of
//! indexes, constraints and so on that the manifest lists. Only a dump that passes is marked as verified. A
//! published dump loses its mark only if its file has changed: other failures say nothing about the dump.

use std::fs::File;
use std::time::Instant;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dir::{BackupDir, PendingDump, PublishedDump};
use super::manifest::{Manifest, Verified};
use super::restore_test::{
    Prerequisites, RestoreResult, SelectedDump, arguments, test_restore, verify_checksum,
};
use super::scratch::{Leftover, ScratchServer};
use super::{globals, pg_programs};
use crate::base::units;
use crate::base::units::counted;
use crate::clients::postgres;
use crate::model::{Consented, Effect, Finding, Status, StepPlan};
use crate::store::statements;
use crate::tools::{Output, Tool, ToolContext, ToolError, backup};

pub(crate) struct BackupVerify;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The dump's name without an ending; default: the pending dump, else the newest.
    #[serde(default)]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    /// The dump's name without an ending.
    pub(crate) name: String,
    /// Tables compared.
    pub(crate) tables: usize,
    /// Rows compared.
    pub(crate) rows: u64,
    /// Entries of its table of contents.
    pub(crate) entries: usize,
    pub(crate) seconds: f64,
}

async fn prepare(ctx: &ToolContext) -> Result<Prerequisites, ToolError> {
    let source = backup::source(ctx).await?;
    let dir = backup::open_dir(&source, ctx).await?;
    let server = ScratchServer::find(ctx).await?;
    let programs = backup::programs(source.major.max(server.source.major), ctx).await?;
    server.require_space(source.bytes, ctx).await?;
    Ok(Prerequisites { dir, programs, server, source })
}

/// Selects a dump. A pending one comes first: the run that made it waits for the result.
fn select(dir: &BackupDir, name: Option<&str>) -> std::io::Result<Result<SelectedDump, String>> {
    let inventory = dir.inventory()?;
    let matches = |stem: &str| name.is_none_or(|name| name == stem);
    let pending = inventory.pending.into_iter().find(|p| matches(&p.stem));
    let published = inventory.dumps.into_iter().find(|d| matches(&d.stem));
    Ok(match (pending, published) {
        (Some(PendingDump { stem, manifest: Some(manifest), .. }), _) => {
            Ok(SelectedDump { stem, published: false, manifest })
        }
        (Some(PendingDump { stem, .. }), _) => {
            Err(format!("{stem}.dump.part is incomplete: it has no manifest"))
        }
        (None, Some(PublishedDump { stem, manifest: Some(manifest), .. })) => {
            Ok(SelectedDump { stem, published: true, manifest })
        }
        (None, Some(PublishedDump { stem, .. })) => {
            Err(format!("{stem}.dump has no manifest to compare with"))
        }
        (None, None) => Err(format!("no such dump: {}", name.map_or_else(|| dir.pattern(), Into::into))),
    })
}

async fn select_and_lock(dir: &BackupDir, name: Option<String>) -> Result<(SelectedDump, File), ToolError> {
    let selected = dir.run(move |dir| {
        let dump = match select(dir, name.as_deref())? {
            Ok(dump) => dump,
            Err(why) => return Ok(Err(why)),
        };
        Ok(match dir.lock(&dir.file(&dump.stem, dump.ending()))? {
            Some(file) => Ok((dump, file)),
            None => Err(format!("{}.{} is in use by another run", dump.stem, dump.ending())),
        })
    });
    selected.await?.map_err(|message| ToolError::Refused {
        message,
        hint: Some("ordctl maintain monthly --only dump --only verify --only publish".to_owned()),
    })
}

impl Tool for BackupVerify {
    type Params = Params;
    type Result = Outcome;

    const NAME: &'static str = "backup.verify";
    const HELP: &'static str = "Restore a dump into a scratch database and compare the content";
    const SOURCE: &'static str = pg_programs::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, _: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let ready = prepare(ctx).await?;
        let droppable =
            |leftover: Leftover| (!leftover.busy).then(|| statements::drop_database(&leftover.name, false));
        let mut calls: Vec<String> =
            ready.server.leftovers().await?.into_iter().filter_map(droppable).collect();
        let dropped = calls.len();
        let (scratch, at) = ("ordctl_scratch_<id>", ready.dir.pattern());
        let pg_restore = ready.programs.dir.join("pg_restore");
        calls.extend([
            format!("sha256sum {at}.dump.part (the pending dump, else the newest .dump)"),
            format!("sha256sum {at}.globals.sql.part"),
            format!("{} --list {at}.dump.part", pg_restore.display()),
            statements::create_database(scratch, &ready.source.locale),
            format!("{} {} < {at}.dump.part", pg_restore.display(), arguments(scratch).join(" ")),
            "compare row counts, indexes and constraints with the manifest".to_owned(),
            statements::drop_database(scratch, true),
            format!("verified > {at}.dump.json.part"),
        ]);
        let plan = StepPlan::new("Restore the dump into a scratch database and compare every table", calls);
        Ok(match dropped {
            0 => plan,
            n => plan.deleting(units::counted(n as f64, "old scratch database")),
        })
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Outcome>, ToolError> {
        let begin = Instant::now();
        let ready = prepare(ctx).await?;
        let (dump, file) = select_and_lock(&ready.dir, params.name).await?;
        let checksum = verify_checksum(&dump, &file, ctx).await;
        let file_changed = matches!(checksum, Err(ToolError::Rejected { .. }));
        let result = match checksum {
            Ok(()) => test_restore(&ready, &dump, &file, ctx).await,
            Err(e) => Err(e),
        };
        let mut manifest = dump.manifest.clone();
        let seconds = begin.elapsed().as_secs_f64();
        match &result {
            Ok(_) => {
                let (at, server) = (ctx.clock.now(), ready.server.source.major);
                manifest.verified = Some(Verified { at, seconds, server });
            }
            Err(ToolError::Rejected { .. }) if file_changed || !dump.published => manifest.verified = None,
            // The failure says nothing about the dump.
            Err(_) => {}
        }
        let recorded = record(&ready, &dump, &manifest, ctx.consent()?).await;
        let RestoreResult { entries, leftover } = result?;
        recorded?;
        let mut findings = vec![verdict(&dump, &manifest, seconds)];
        findings.extend(globals::check(&ready.dir, &dump.stem, &manifest).await);
        findings.extend(match leftover {
            Some(finding) => Some(leftover_warning(&finding.summary)),
            // The dump is verified, whatever earlier runs left.
            None => drop_leftovers(&ready, ctx.consent()?)
                .await
                .unwrap_or_else(|e| Some(leftover_warning(&format!("Scratch databases: not dropped: {e}")))),
        });
        let (tables, rows) = (manifest.rows.len(), manifest.total_rows());
        Ok(Output::new(findings, Outcome { name: dump.stem, tables, rows, entries, seconds }))
    }
}

/// Writes the manifest if it has changed.
async fn record(
    ready: &Prerequisites,
    dump: &SelectedDump,
    manifest: &Manifest,
    consented: &Consented,
) -> Result<(), ToolError> {
    if *manifest == dump.manifest {
        return Ok(());
    }
    let (stem, published, written) = (dump.stem.clone(), dump.published, manifest.clone());
    let consented = consented.clone();
    Ok(ready.dir.run(move |dir| dir.write_manifest(&stem, published, &written, &consented)).await?)
}

fn leftover_warning(what: &str) -> Finding {
    let text = format!("{what}; the dump is valid");
    Finding::new("leftovers", postgres::SYSTEM, Status::Warn, text)
        .hint("ordctl maintain monthly --only verify")
}

fn verdict(dump: &SelectedDump, manifest: &Manifest, seconds: f64) -> Finding {
    let summary = format!(
        "Dump {}: verified in {}, {} with {} rows restored and compared",
        dump.stem,
        units::duration(seconds),
        counted(manifest.rows.len() as f64, "table"),
        units::count(manifest.total_rows() as f64)
    );
    Finding::new("", pg_programs::SYSTEM, Status::Ok, summary).details(json!(manifest.objects))
}

/// Drops the scratch databases of earlier runs.
async fn drop_leftovers(ready: &Prerequisites, consented: &Consented) -> Result<Option<Finding>, ToolError> {
    let (dropped, remaining) = ready.server.drop_leftovers(consented).await?;
    if !remaining.is_empty() {
        let text = format!("Scratch databases of earlier runs: {} not dropped, in use", remaining.join(", "));
        let finding = Finding::new("leftovers", postgres::SYSTEM, Status::Warn, text);
        return Ok(Some(finding.hint("psql -xc 'TABLE pg_stat_activity'")));
    }
    Ok((dropped > 0).then(|| {
        let text = format!("Scratch databases of earlier runs: {} dropped", units::count(dropped as f64));
        Finding::new("leftovers", postgres::SYSTEM, Status::Ok, text)
    }))
}
