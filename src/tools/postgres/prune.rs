//! `postgres.prune`: deletes rows older than a limit that are over, in small batches with pauses.
//!
//! It never deletes leased work, runs of queued work, or rows younger than the limit: the DELETE statements
//! check this themselves, so nothing can change between a check and the deletion.

use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio_postgres::types::ToSql;

use crate::base::units;
use crate::base::units::Span;
use crate::clients::postgres;
use crate::clients::postgres::explain;
use crate::model::{Effect, Finding, Reclaimed, Status, StepPlan};
use crate::store::retention::PrunableRows;
use crate::tools::postgres::maintenance_session::{MaintenanceSession, limits};
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// The target duration of one DELETE, whose locks and I/O slow down other sessions. Batches adapt to it.
const TARGET_DURATION: Duration = Duration::from_millis(20);
/// The smallest batch, unless `batch` is smaller.
const MIN_BATCH: i32 = 50;

/// Younger rows are never deleted.
const MIN_AGE: Duration = Duration::from_secs(86_400);

pub(crate) struct Prune;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    pub(crate) rows: PrunableRows,
    /// Delete rows older than this, at least one day.
    pub(crate) older_than: Span,
    /// Maximum rows per statement; fewer while statements are slow.
    #[serde(default = "batch")]
    #[schemars(range(min = 1, max = 10_000))]
    pub(crate) batch: i32,
    /// Pause between two statements.
    #[serde(default = "pause")]
    pub(crate) pause: Span,
}

const fn label(rows: PrunableRows) -> &'static str {
    match rows {
        PrunableRows::Runs => "runs",
        PrunableRows::Audit => "audit log rows",
        PrunableRows::Canceled => "due work rows of canceled tasks",
    }
}

/// A number of rows of a kind.
fn number(n: u64, rows: PrunableRows) -> String {
    let label = label(rows);
    if n == 1 {
        format!("1 {}", label.replacen('s', "", 1))
    } else {
        format!("{} {label}", units::count(n as f64))
    }
}

const fn batch() -> i32 {
    1000
}

fn pause() -> Span {
    "50ms".parse().unwrap_or(Span::seconds(1))
}

#[derive(Debug, Serialize)]
pub(crate) struct Pruned {
    pub(crate) batches: u64,
    pub(crate) reclaimed: Reclaimed,
}

/// The next batch size, after one of `batch` rows that took `took`.
fn next_batch(batch: i32, took: Duration, max: i32) -> i32 {
    let next = match took {
        t if t > TARGET_DURATION => batch / 2,
        t if t < TARGET_DURATION / 2 => batch.saturating_mul(2),
        _ => batch,
    };
    next.clamp(MIN_BATCH.min(max), max)
}

async fn prunable_rows(params: &Params, ctx: &ToolContext) -> Result<u64, ToolError> {
    if params.older_than.duration() < MIN_AGE {
        return Err(ToolError::Params("postgres.prune: older_than must be at least 1d".to_owned()));
    }
    Ok(ctx.store()?.prunable_rows(params.rows, params.older_than.duration()).await?)
}

impl Tool for Prune {
    type Params = Params;
    type Result = Pruned;

    const NAME: &'static str = "postgres.prune";
    const HELP: &'static str = "Delete finished rows older than a limit, in small batches";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let due = prunable_rows(params, ctx).await?;
        let statement = ctx.store()?.prune_statement(params.rows)?.one_line();
        let age = params.older_than.as_secs_f64();
        let call = format!(
            "{} {} now, at most {} per statement, with $1 = {age}: {statement}",
            units::count(due as f64),
            label(params.rows),
            params.batch
        );
        let period = units::period(params.older_than);
        let plan = |text: String| StepPlan::new(text, vec![limits(Span::seconds(5), ctx), call]);
        Ok(match due {
            0 => plan(format!("Delete {} older than {period}: none now", label(params.rows))).idle(),
            _ => {
                let rows = number(due, params.rows);
                plan(format!("Delete {rows} older than {period}")).deleting(rows)
            }
        })
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Pruned>, ToolError> {
        let begin = Instant::now();
        let due = prunable_rows(&params, ctx).await?;
        let text = ctx.store()?.prune_statement(params.rows)?.text;
        let maintenance = MaintenanceSession::open(ctx, Span::seconds(5), ctx.consent()?).await?;
        let session = &maintenance.session;
        let statement = session.prepare(&text).await.map_err(|e| explain(&e))?;
        let age = params.older_than.as_secs_f64();
        let (mut rows, mut batches, mut batch) = (0, 0, params.batch.max(1));
        loop {
            let at = Instant::now();
            let values: [&(dyn ToSql + Sync); 2] = [&age, &batch];
            let call = session.execute(&statement, &values);
            let call = ctx.clients.postgres()?.cancelling(session.cancel_token(), call);
            let deleted = call.await.map_err(|e| explain(&e))?;
            rows += deleted;
            batches += 1;
            ctx.progress(rows, Some(due.max(rows)), label(params.rows));
            if deleted < u64::from(batch.unsigned_abs()) {
                break;
            }
            batch = next_batch(batch, at.elapsed(), params.batch.max(1));
            tokio::time::sleep(params.pause.duration()).await;
        }
        let reclaimed = Reclaimed { rows, bytes: 0, seconds: begin.elapsed().as_secs_f64() };
        let summary = format!(
            "Deleted {}: {} in {}",
            label(params.rows),
            units::count(rows as f64),
            units::duration(reclaimed.seconds)
        );
        let finding = Finding::new("", Self::SOURCE, Status::Ok, summary);
        let pruned = Pruned { batches, reclaimed };
        Ok(Output::new(vec![finding.details(json!(pruned))], pruned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_shrinks_while_statements_are_slow_and_grows_back() {
        let (slow, fair, fast) = (TARGET_DURATION * 2, TARGET_DURATION * 3 / 4, TARGET_DURATION / 4);
        assert_eq!(next_batch(1000, slow, 1000), 500);
        assert_eq!(next_batch(500, fair, 1000), 500);
        assert_eq!(next_batch(500, fast, 1000), 1000);
        assert_eq!(next_batch(60, slow, 1000), MIN_BATCH);
        assert_eq!(next_batch(800, fast, 1000), 1000, "never above the maximum");
        assert_eq!(
            (next_batch(10, slow, 10), next_batch(10, fast, 10)),
            (10, 10),
            "a maximum below MIN_BATCH"
        );
    }
}
