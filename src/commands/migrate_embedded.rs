//! `migrate` without a configured database and without an embedded one: creating the cluster is part of the plan.

use std::path::Path;

use super::Context;
use super::act::{ActFlags, act};
use crate::base::cli_error::CliError;
use crate::base::layout::Layout;
use crate::base::units;
use crate::clients::postgres::SYSTEM;
use crate::engine::embedded::{Embedded, EmbeddedError, Search};
use crate::engine::migrations::{Migration, MigrationError};
use crate::model::{Finding, Kind, PlannedStep, Report, ReportSection, Status};
use crate::runbook::{Change, Haste, target};

/// Whether the data directory has a cluster.
pub(super) fn exists(layout: &Layout) -> bool {
    layout.embedded_cluster().join("PG_VERSION").exists()
}

/// Asks, creates the cluster and starts its server. None after a dry run, whose plan is printed.
pub(super) async fn create(
    context: &Context,
    layout: &Layout,
    flags: &ActFlags,
) -> Result<Option<Embedded>, CliError> {
    // Without server programs nothing is created, not even a journal.
    Search::system().check().map_err(EmbeddedError::into_cli_error)?;
    let executor = context.executor(None)?;
    let migrations = Migration::all().map_err(MigrationError::into_cli_error)?;
    let cluster = layout.embedded_cluster();
    let mut steps = vec![created(&cluster)];
    steps.extend(migrations.iter().map(|m| super::migrate::planned(&m.title())));
    let number = units::counted(migrations.len() as f64, "migration");
    let title = format!("Create the embedded PostgreSQL and apply {number}");
    let change = Change { name: "migrate", title, steps, haste: Haste::Patient };
    let join = async |_: &_| Embedded::join(layout).await.map_err(EmbeddedError::into_cli_error);
    act(context, &executor, change, flags, join).await
}

fn created(cluster: &Path) -> PlannedStep {
    let shown = cluster.display().to_string();
    let call = format!("initdb --pgdata={}", shell_words::quote(&shown));
    PlannedStep::change("create", format!("Create the embedded PostgreSQL in {shown}"), "migrate", vec![call])
}

/// What `--check` reports.
pub(super) fn missing(context: &Context, layout: &Layout) -> Result<Report, CliError> {
    let executor = context.executor(None)?;
    let cluster = layout.embedded_cluster();
    let summary = format!("Embedded PostgreSQL: not created, {} does not exist", cluster.display());
    let finding = Finding::new("embedded", SYSTEM, Status::Warn, summary).hint("ordctl migrate");
    let sections = vec![ReportSection::new("migrations", "Migrations", vec![finding])];
    let at = executor.ctx.clock.now().with_timezone(&executor.ctx.settings.time_zone).fixed_offset();
    Ok(Report::new("migrate", "Migration status", Kind::Look, target(&executor), at, sections))
}
