//! `migrate`: updates the database schema; `--tune` drops Ordinaut's costly indexes, and `--convert-cron` converts
//! cron expressions that ordctl reads differently. All are one change: one plan, one consent before the first
//! migration.

use clap::Args;
use serde_json::json;
use uuid::Uuid;

use super::Context;
use super::act::{ActFlags, act};
use super::migrate_indexes::{dropped_indexes, list_indexes};
use super::task_session::store_error;
use super::{migrate_cron, migrate_embedded};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::layout::Layout;
use crate::base::units;
use crate::clients::ClientError;
use crate::clients::postgres::SYSTEM;
use crate::engine::embedded::{Embedded, EmbeddedError};
use crate::engine::migrations::{
    CostlyIndex, MigrationError, MigrationRow, Options, Origin, Outcome, ShiftedTask, State, Status, convert,
    migrate_audited, shifted_tasks, status, tune,
};
use crate::model::{Consented, Finding, Kind, PlannedStep, Report, ReportSection, Status as Verdict};
use crate::pipeline::Executor;
use crate::render::{self, stdio};
use crate::runbook::{Change, Haste, target};
use crate::store::Store;
use crate::tools::postgres::encoding;

/// Update the database schema
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Migrate {
    /// Only show applied and pending migrations; exit 1 if any is pending
    #[arg(long)]
    check: bool,
    /// Also drop Ordinaut's indexes that slow writes and serve no query
    #[arg(long)]
    tune: bool,
    /// Also convert cron expressions that ordctl reads differently than Ordinaut
    #[arg(long, conflicts_with = "check")]
    convert_cron: bool,
    #[command(flatten)]
    act: ActFlags,
}

const EXAMPLES: &str = "\
Examples:
  ordctl migrate --check           show pending migrations
  ordctl migrate --dry-run         print the plan
  ordctl migrate --yes             apply them; safe on several nodes at once
  ordctl migrate --check --tune    also show the indexes that --tune drops
  ordctl migrate --convert-cron    also convert Ordinaut's cron expressions";

impl Migrate {
    /// Without a configured database it migrates the embedded one.
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        if context.settings().database.url.is_some() {
            let report = self.run(context, &self.act).await?;
            return print(context, report);
        }
        // Starting the embedded server has a limit of its own.
        context.deadline.lift();
        let layout = Layout::new(context.settings().data_dir());
        let mut act = self.act.clone();
        let embedded = match migrate_embedded::exists(&layout) {
            true => Embedded::join(&layout).await.map_err(EmbeddedError::into_cli_error)?,
            false if self.check => return print(context, Some(migrate_embedded::missing(context, &layout)?)),
            false => match migrate_embedded::create(context, &layout, &act).await? {
                // The plan of the cluster listed the migrations.
                Some(embedded) => {
                    act.yes = true;
                    embedded
                }
                None => return Ok(exit::OK),
            },
        };
        let result = self.run(context, &act).await;
        embedded.leave().await.map_err(EmbeddedError::into_cli_error)?;
        print(context, result?)
    }

    async fn run(&self, context: &Context, flags: &ActFlags) -> Result<Option<Report>, CliError> {
        let begin = std::time::Instant::now();
        context.deadline.waits_for(SYSTEM);
        let executor = context.executor(None)?;
        let options = Options::default();
        let postgres = executor.ctx.clients.postgres().map_err(ClientError::fault)?;
        let store = Store::new(postgres.clone(), executor.ctx.library.clone(), options.statement_timeout);
        let status = status(&store).await.map_err(MigrationError::into_cli_error)?;
        let shifted = shifted_tasks(&store, status.origin, executor.ctx.clock.now()).await;
        let shifted = shifted.map_err(MigrationError::into_cli_error)?;
        let encoding = encoding_section(&store).await?;
        if self.check {
            return Ok(Some(self.report(&executor, self.look(&status, &shifted), encoding, begin)));
        }
        status.check(&store).map_err(MigrationError::into_cli_error)?;
        let costly = if self.tune { status.costly_indexes.as_slice() } else { &[] };
        let change = change(&status, costly, migrate_cron::steps(&shifted, self.convert_cron));
        let apply = async |consented: &Consented| {
            self.apply(&store, &options, costly, &shifted, consented)
                .await
                .map_err(MigrationError::into_cli_error)
        };
        if change.steps.iter().all(|step| step.left_out.is_some()) && !flags.dry_run {
            let mut sections = vec![applied(&Outcome::default())];
            sections.extend(self.tune.then(|| dropped_indexes(&[])));
            sections.extend(self.cron_sections(&shifted, &[]));
            return Ok(Some(self.report(&executor, sections, encoding, begin)));
        }
        let done = act(context, &executor, change, flags, apply).await?;
        Ok(done.map(|sections| self.report(&executor, sections, encoding, begin)))
    }

    fn look(&self, status: &Status, shifted: &[ShiftedTask]) -> Vec<ReportSection> {
        let mut sections = vec![ReportSection::new("migrations", "Migrations", status_findings(status))];
        sections.extend(self.tune.then(|| list_indexes(&status.costly_indexes)));
        sections.extend(migrate_cron::section(shifted));
        sections
    }

    async fn apply(
        &self,
        store: &Store,
        options: &Options,
        costly: &[CostlyIndex],
        shifted: &[ShiftedTask],
        consented: &Consented,
    ) -> Result<Vec<ReportSection>, MigrationError> {
        let mut sections = vec![applied(&migrate_audited(store, options, consented).await?)];
        if self.tune {
            sections.push(dropped_indexes(&tune(store, costly, options, consented).await?));
        }
        let converted = match self.convert_cron {
            true => convert(store, shifted, consented).await?,
            false => Vec::new(),
        };
        sections.extend(self.cron_sections(shifted, &converted));
        Ok(sections)
    }

    fn cron_sections(&self, shifted: &[ShiftedTask], converted: &[Uuid]) -> Vec<ReportSection> {
        match self.convert_cron {
            true => migrate_cron::converted(shifted, converted),
            false => migrate_cron::section(shifted).into_iter().collect(),
        }
    }

    fn report(
        &self,
        executor: &Executor,
        mut sections: Vec<ReportSection>,
        encoding: Option<ReportSection>,
        begin: std::time::Instant,
    ) -> Report {
        sections.extend(encoding);
        let (kind, title) = match self.check {
            true => (Kind::Look, "Migration status"),
            false => (Kind::Act, "Migrations"),
        };
        let at = executor.ctx.clock.now().with_timezone(&executor.ctx.settings.time_zone).fixed_offset();
        let mut report = Report::new("migrate", title, kind, target(executor), at, sections);
        report.duration_seconds = begin.elapsed().as_secs_f64();
        report
    }
}

/// Prints a report; there is none after a dry run, which has printed its plan.
fn print(context: &Context, report: Option<Report>) -> Result<u8, CliError> {
    let Some(report) = report else { return Ok(exit::OK) };
    let code = report.exit_code();
    stdio::data(&render::report(&context.qualified(report), context.flags.output, context.style())?)?;
    Ok(code)
}

/// Warnings about an encoding other than UTF8; None for UTF8.
async fn encoding_section(store: &Store) -> Result<Option<ReportSection>, CliError> {
    let found = store.database_encoding().await.map_err(store_error)?;
    let warnings = encoding::warnings(&found, "encoding");
    Ok((!warnings.is_empty()).then(|| ReportSection::new("encoding", "Encoding", warnings)))
}

/// The same in the log of `serve`, whose start it must not prevent.
pub(super) async fn warn_in_log(store: &Store) {
    let found = encoding_section(store).await.unwrap_or_else(|error| {
        tracing::warn!(error = %error.message, "the database's encoding is unknown");
        None
    });
    for finding in found.into_iter().flat_map(|section| section.findings) {
        tracing::warn!(details = "ordctl migrate --check", "{}", finding.summary);
    }
}

/// The step that applies a migration.
pub(super) fn planned(name: &str) -> PlannedStep {
    let call = format!("query engine/migrations/{name}");
    PlannedStep::change(name, format!("Apply {name}"), "migrate", vec![call])
}

fn change(status: &Status, costly: &[CostlyIndex], cron: Vec<PlannedStep>) -> Change {
    let apply = |m: &MigrationRow| planned(&format!("{:04}_{}", m.version, m.name));
    let drop = |i: &CostlyIndex| {
        PlannedStep::change(&i.name, format!("Drop {}", i.name), "migrate", vec![i.statement()])
    };
    let pending: Vec<&MigrationRow> = status.in_state(State::Pending).collect();
    let mut title = format!("Apply {}", units::counted(pending.len() as f64, "migration"));
    if !costly.is_empty() {
        title.push_str(&format!(" and drop {} indexes", costly.len()));
    }
    let conversions = cron.iter().filter(|step| step.left_out.is_none()).count();
    if conversions > 0 {
        title.push_str(&format!(" and convert {}", units::counted(conversions as f64, "cron expression")));
    }
    let steps = pending.into_iter().map(apply).chain(costly.iter().map(drop)).chain(cron).collect();
    Change { name: "migrate", title, steps, haste: Haste::Patient }
}

fn status_findings(status: &Status) -> Vec<Finding> {
    let origin = match status.origin {
        Origin::Empty => "Database: empty",
        Origin::Upstream => "Database: created by Ordinaut; the migrations adopt it in place",
        Origin::Ordctl => "Database: created or adopted by ordctl",
    };
    let mut findings = vec![Finding::new("database", "postgresql", Verdict::Ok, origin)];
    for row in &status.migrations {
        let name = format!("{:04} {}", row.version, row.name);
        let (verdict, text) = match row.state {
            State::Applied => (Verdict::Ok, format!("{name}: applied")),
            State::Pending => (Verdict::Warn, format!("{name}: pending")),
            State::Unknown => (Verdict::Ok, format!("{name}: applied by a newer version (harmless)")),
            State::Changed => (
                Verdict::Crit,
                format!("{name}: applied with different statements than this version contains"),
            ),
        };
        let finding = Finding::new(&format!("{:04}", row.version), "postgresql", verdict, text)
            .hint("ordctl migrate")
            .details(json!(row));
        findings.push(finding);
    }
    for check in &status.poison_checks {
        let text = format!(
            "Check constraint {check}: prevents updating and restoring expired leases; migration 1 drops it"
        );
        findings.push(Finding::new(check, "postgresql", Verdict::Warn, text).hint("ordctl migrate"));
    }
    findings
}

fn applied(outcome: &Outcome) -> ReportSection {
    let mut findings: Vec<Finding> = outcome
        .applied
        .iter()
        .map(|m| {
            let text = format!("{:04} {}: applied in {}", m.version, m.name, units::duration(m.seconds));
            Finding::new(&format!("{:04}", m.version), "postgresql", Verdict::Ok, text)
        })
        .collect();
    for check in &outcome.dropped_checks {
        let text =
            format!("Check constraint {check}: dropped; it prevented updating and restoring expired leases");
        findings.push(Finding::new(check, "postgresql", Verdict::Ok, text));
    }
    if outcome.adopted {
        findings
            .insert(0, Finding::new("adopted", "postgresql", Verdict::Ok, "Database: adopted from Ordinaut"));
    }
    if findings.is_empty() {
        findings.push(Finding::new("current", "postgresql", Verdict::Ok, "Schema: up to date"));
    }
    ReportSection::new("migrations", "Migrations", findings)
}
