//! `migrate`: brings the database's tables up to date. Migrations only add, so calling for them is
//! consent enough; dropping upstream's costly indexes (`--tune`) asks for it.

use clap::Args;
use serde_json::json;

use super::Context;
use super::act::{ActFlags, act};
use crate::base::cli_error::CliError;
use crate::base::layout::Layout;
use crate::base::units;
use crate::clients::ClientError;
use crate::engine::embedded::{Embedded, EmbeddedError};
use crate::engine::migrations::{
    CostlyIndex, Dropped, MigrationError, Options, Origin, State, Status, costly_indexes, migrate, status,
    tune,
};
use crate::model::{Consented, Finding, Kind, PlannedStep, Report, ReportSection, Status as Verdict};
use crate::pipeline::Executor;
use crate::render::{self, stdio};
use crate::runbook::{Change, target};
use crate::store::Store;

/// Bring the database's tables up to date
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Migrate {
    /// Only say what is applied and what is pending; exit 1 when something is pending
    #[arg(long)]
    check: bool,
    /// Also drop indexes of upstream's that cost more than they give; needs --yes
    #[arg(long)]
    tune: bool,
    #[command(flatten)]
    act: ActFlags,
}

const EXAMPLES: &str = "\
Examples:
  ordctl migrate --check           what would be applied?
  ordctl migrate                   apply it; safe on several nodes at once
  ordctl migrate --check --tune    which indexes would be dropped?
  ordctl migrate --tune --yes";

impl Migrate {
    /// Runs it; without a configured database on the embedded one.
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let embedded = match &context.settings().database.url {
            Some(_) => None,
            None => {
                let layout = Layout::new(context.settings().data_dir());
                Some(Embedded::join(&layout).await.map_err(EmbeddedError::fault)?)
            }
        };
        let done = self.work(context).await;
        if let Some(embedded) = embedded {
            embedded.leave().await.map_err(EmbeddedError::fault)?;
        }
        let report = done?;
        stdio::data(&render::report(
            &context.qualified(report.clone()),
            context.flags.output,
            context.style(),
        )?)?;
        Ok(report.exit_code())
    }

    async fn work(&self, context: &Context) -> Result<Report, CliError> {
        let begin = std::time::Instant::now();
        let executor = context.executor(None)?;
        let options = Options::default();
        let postgres = executor.ctx.clients.postgres().map_err(ClientError::fault)?;
        let store = Store::new(postgres.clone(), executor.ctx.library.clone(), options.statement_timeout);
        let mut sections = Vec::new();
        if self.check || self.act.dry_run {
            let status = status(&store).await.map_err(MigrationError::fault)?;
            sections.push(ReportSection::new("migrations", "Migrations", standing(&status)));
            if self.tune {
                sections.push(listed(&status.costly_indexes));
            }
        } else {
            let costly = match self.tune {
                true => costly_indexes(&store).await.map_err(MigrationError::fault)?,
                false => Vec::new(),
            };
            if costly.is_empty() {
                sections.push(applied(&store, &options).await?);
                if self.tune {
                    sections.push(dropped(&[]));
                }
            } else {
                // Asked before anything is migrated.
                let apply = async |consented: &Consented| {
                    let applied = applied(&store, &options).await?;
                    let done = tune(&store, &costly, &options, consented).await;
                    Ok([applied, dropped(&done.map_err(MigrationError::fault)?)])
                };
                let done = act(context, &executor, change(&costly), &self.act, apply).await?;
                sections.extend(done.into_iter().flatten());
            }
        }
        Ok(self.report(&executor, sections, begin))
    }

    fn report(&self, executor: &Executor, sections: Vec<ReportSection>, begin: std::time::Instant) -> Report {
        let kind = if self.check || self.act.dry_run { Kind::Look } else { Kind::Act };
        let title = if self.check || self.act.dry_run { "Migrations: what is pending" } else { "Migrations" };
        let at = executor.ctx.clock.now().with_timezone(&executor.ctx.settings.time_zone).fixed_offset();
        let mut report = Report::new("migrate", title, kind, target(executor), at, sections);
        report.duration_seconds = begin.elapsed().as_secs_f64();
        report
    }
}

fn change(costly: &[CostlyIndex]) -> Change {
    let step = |i: &CostlyIndex| {
        PlannedStep::change(&i.name, format!("Drop {}", i.name), "migrate", vec![i.statement()])
    };
    let title = format!("Drop {} indexes", costly.len());
    Change { name: "migrate tune", title, steps: costly.iter().map(step).collect() }
}

fn standing(status: &Status) -> Vec<Finding> {
    let what = match status.origin {
        Origin::Empty => "the database is empty",
        Origin::Upstream => "the database is upstream's and will be adopted as it is",
        Origin::Ordctl => "the database was migrated by ordctl before",
    };
    let mut findings = vec![Finding::new("database", "postgresql", Verdict::Ok, what)];
    for row in &status.migrations {
        let name = format!("{:04} {}", row.version, row.name);
        let (verdict, text) = match row.state {
            State::Applied => (Verdict::Ok, format!("{name}: applied")),
            State::Pending => (Verdict::Warn, format!("{name}: pending")),
            State::Unknown => (Verdict::Ok, format!("{name}: applied by a newer version; harmless")),
            State::Changed => {
                (Verdict::Crit, format!("{name}: applied with another text than this version has"))
            }
        };
        let finding = Finding::new(&format!("{:04}", row.version), "postgresql", verdict, text)
            .hint("ordctl migrate")
            .details(json!(row));
        findings.push(finding);
    }
    for check in &status.poison_checks {
        let text = format!(
            "the check {check} keeps expired leases from being updated or restored; it will be dropped"
        );
        findings.push(Finding::new(check, "postgresql", Verdict::Warn, text).hint("ordctl migrate"));
    }
    findings
}

fn listed(indexes: &[CostlyIndex]) -> ReportSection {
    let findings = indexes
        .iter()
        .map(|index| {
            let size = units::bytes(index.bytes as f64);
            let since = index.since.map_or_else(
                || "since its statistics began".to_owned(),
                |at| format!("since {}, when statistics were reset", at.format("%F %H:%M UTC")),
            );
            let text = format!(
                "{} on {}, {}, {size}, used {} times {since}: {}",
                index.name, index.relation, index.definition, index.scans, index.because
            );
            Finding::new(&index.name, "postgresql", Verdict::Ok, text)
                .details(json!({ "statement": index.statement() }))
        })
        .collect();
    ReportSection::new("tune", "Indexes that --tune would drop", findings)
}

async fn applied(store: &Store, options: &Options) -> Result<ReportSection, CliError> {
    let outcome = migrate(store, options).await.map_err(MigrationError::fault)?;
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
            format!("dropped the check {check}, which kept expired leases from being updated or restored");
        findings.push(Finding::new(check, "postgresql", Verdict::Ok, text));
    }
    if outcome.adopted {
        findings.insert(
            0,
            Finding::new("adopted", "postgresql", Verdict::Ok, "adopted upstream's database as it is"),
        );
    }
    if findings.is_empty() {
        findings.push(Finding::new("current", "postgresql", Verdict::Ok, "the database is up to date"));
    }
    Ok(ReportSection::new("migrations", "Migrations", findings))
}

fn dropped(done: &[Dropped]) -> ReportSection {
    let mut findings: Vec<Finding> = done
        .iter()
        .map(|d| {
            let text = format!("dropped {}, {}", d.index.name, units::bytes(d.index.bytes as f64));
            Finding::new(&d.index.name, "postgresql", Verdict::Ok, text)
        })
        .collect();
    if findings.is_empty() {
        findings.push(Finding::new("none", "postgresql", Verdict::Ok, "no index to drop"));
    }
    ReportSection::new("tune", "Indexes", findings)
}
