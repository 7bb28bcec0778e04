//! The part of `migrate` about cron expressions that ordctl reads differently than Ordinaut.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;
use uuid::Uuid;

use crate::clients::postgres::SYSTEM;
use crate::engine::migrations::{MigrationError, Origin, ShiftedTask, shifted_tasks};
use crate::engine::schedule::upstream::Reading;
use crate::model::{Finding, PlannedStep, ReportSection, Status};
use crate::store::Store;

const TITLE: &str = "Cron expressions that ordctl reads differently than Ordinaut";
/// Tasks that `serve` names in its log.
const LOGGED_MAX: usize = 20;

/// One warning for each task; None without tasks.
pub(super) fn section(tasks: &[ShiftedTask]) -> Option<ReportSection> {
    let findings: Vec<Finding> = tasks.iter().map(warning).collect();
    (!findings.is_empty()).then(|| ReportSection::new("cron", TITLE, findings))
}

fn warning(shifted: &ShiftedTask) -> Finding {
    let id = shifted.task.id.to_string();
    let conversion = match &shifted.difference.conversion {
        Ok(to) => format!("converts to {} '{}'", to.kind, to.expr),
        Err(reason) => format!("cannot be converted: {reason}"),
    };
    let hint = match &shifted.difference.conversion {
        Ok(_) => "ordctl migrate --convert-cron".to_owned(),
        Err(_) => format!("ordctl task pause {id}"),
    };
    Finding::new(&id, SYSTEM, Status::Warn, format!("{}; {conversion}", describe(shifted)))
        .hint(hint)
        .details(json!(shifted))
}

/// The task, its expression and the first instant of each reading, in the task's zone.
fn describe(shifted: &ShiftedTask) -> String {
    let task = &shifted.task;
    let (theirs, ours) = shifted.difference.first();
    let zone = task.timezone.parse::<Tz>().unwrap_or(Tz::UTC);
    let side = |reading: &Reading, at: Option<DateTime<Utc>>| match (reading, at) {
        (Reading::Invalid(e), _) => format!("invalid ({e})"),
        (Reading::Next(_), None) => "never".to_owned(),
        (Reading::Next(_), Some(at)) => at.with_timezone(&zone).format("%a %F %H:%M").to_string(),
    };
    format!(
        "{} ({}): '{}' in {} is {} for Ordinaut, {} for ordctl",
        task.title,
        task.id,
        task.expr,
        task.timezone,
        side(&shifted.difference.ordinaut, theirs),
        side(&shifted.difference.ordctl, ours)
    )
}

/// The plan's steps: a conversion each, or without `--convert-cron` the warning.
pub(super) fn steps(tasks: &[ShiftedTask], convert: bool) -> Vec<PlannedStep> {
    let step = |shifted: &ShiftedTask| {
        let (id, calls) = (&shifted.task.id, vec!["query engine/migrate/cron_convert".to_owned()]);
        let mut step = PlannedStep::change(&format!("cron-{id}"), describe(shifted), "migrate", calls);
        match &shifted.difference.conversion {
            Ok(to) if convert => step.found.push(format!("would become {} '{}'", to.kind, to.expr)),
            Ok(_) => step.left_out = Some("stays as it is without --convert-cron".to_owned()),
            Err(reason) => step.left_out = Some(format!("cannot be converted: {reason}")),
        }
        step
    };
    tasks.iter().map(step).collect()
}

/// What a conversion changed; tasks that it left follow as warnings.
pub(super) fn converted(tasks: &[ShiftedTask], done: &[Uuid]) -> Vec<ReportSection> {
    let (changed, left): (Vec<&ShiftedTask>, Vec<&ShiftedTask>) =
        tasks.iter().partition(|shifted| done.contains(&shifted.task.id));
    let finding = |shifted: &ShiftedTask| {
        let to = shifted.difference.conversion.as_ref().ok()?;
        let text =
            format!("{}: '{}' became {} '{}'", shifted.task.title, shifted.task.expr, to.kind, to.expr);
        Some(Finding::new(&shifted.task.id.to_string(), SYSTEM, Status::Ok, text).details(json!(shifted)))
    };
    let mut findings: Vec<Finding> = changed.into_iter().filter_map(finding).collect();
    if findings.is_empty() {
        findings.push(Finding::new("none", SYSTEM, Status::Ok, "Cron expressions to convert: none"));
    }
    let left: Vec<ShiftedTask> = left.into_iter().cloned().collect();
    let sections =
        [Some(ReportSection::new("converted", "Converted cron expressions", findings)), section(&left)];
    sections.into_iter().flatten().collect()
}

/// Names the tasks that from the adoption on run at other instants.
pub(super) async fn warn_in_log(store: &Store) -> Result<(), MigrationError> {
    let shifted = shifted_tasks(store, Origin::Ordctl, Utc::now()).await?;
    for task in shifted.iter().take(LOGGED_MAX) {
        tracing::warn!(task = %task.task.id, "cron task {}", describe(task));
    }
    if !shifted.is_empty() {
        let tasks = shifted.len();
        tracing::warn!(tasks, "cron tasks run at other instants than under Ordinaut: ordctl migrate --check");
    }
    Ok(())
}
