//! `postgres.prune`: deletes rows that are over and old, in small batches with a pause between them.
//!
//! It never touches leased work, the runs of work that still waits, or anything younger than it was
//! told: the statements see to it themselves, so nothing can change between looking and deleting.

use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio_postgres::types::ToSql;

use crate::base::units;
use crate::base::units::Span;
use crate::clients::postgres;
use crate::clients::postgres::explain;
use crate::model::{Effect, Finding, Reclaimed, Status};
use crate::store::Binds;
use crate::tools::postgres::maintenance_session::{Maintenance, limits};
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// A statement that takes longer makes the next ones smaller: its locks, and the pages that it keeps
/// busy, are in others' way.
const LONGEST: Duration = Duration::from_millis(20);
/// No statement deletes fewer, unless it was told to.
const FEWEST: i32 = 50;

/// Nothing younger is ever deleted.
const YOUNGEST: Duration = Duration::from_secs(86_400);

pub(crate) struct Prune;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Which rows.
    pub(crate) rows: Rows,
    /// Those that are older; a day at least.
    pub(crate) older_than: Span,
    /// How many a statement at most; fewer where a statement takes long.
    #[serde(default = "batch")]
    #[schemars(range(min = 1, max = 10_000))]
    pub(crate) batch: i32,
    /// How long everybody else has the table for himself between two statements.
    #[serde(default = "pause")]
    pub(crate) pause: Span,
}

/// Which rows.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rows {
    /// Of `task_run`: runs that are over.
    Runs,
    /// Of `audit_log`.
    Audit,
    /// Of `due_work`: work of canceled tasks that nobody has leased.
    Canceled,
}

impl Rows {
    /// What deletes them, and what counts them.
    const fn queries(self) -> (&'static str, &'static str) {
        match self {
            Self::Runs => ("engine/retention/runs", "engine/retention/runs_count"),
            Self::Audit => ("engine/retention/audit", "engine/retention/audit_count"),
            Self::Canceled => ("engine/retention/canceled", "engine/retention/canceled_count"),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Audit => "rows of the audit log",
            Self::Canceled => "rows of due work of canceled tasks",
        }
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
    /// Statements.
    pub(crate) batches: u64,
    /// Rows.
    pub(crate) reclaimed: Reclaimed,
}

/// How many the next statement deletes, after one of `batch` that took so long.
fn next(batch: i32, took: Duration, most: i32) -> i32 {
    let next = match took {
        t if t > LONGEST => batch / 2,
        t if t < LONGEST / 2 => batch.saturating_mul(2),
        _ => batch,
    };
    next.clamp(FEWEST.min(most), most)
}

async fn due(params: &Params, ctx: &ToolContext) -> Result<u64, ToolError> {
    #[derive(Deserialize)]
    struct Row {
        due: u64,
    }
    if params.older_than.duration() < YOUNGEST {
        return Err(ToolError::Params("postgres.prune: older_than is a day at least".to_owned()));
    }
    let binds = Binds::from([("seconds".to_owned(), params.older_than.as_secs_f64().to_string())]);
    let rows: Vec<Row> = ctx.store()?.rows_with(params.rows.queries().1, &binds).await?;
    Ok(rows.first().map_or(0, |r| r.due))
}

impl Tool for Prune {
    type Params = Params;
    type Result = Pruned;

    const NAME: &'static str = "postgres.prune";
    const HELP: &'static str = "deletes rows that are over and old, in small batches";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let due = due(params, ctx).await?;
        let text = ctx.library.sql(params.rows.queries().0)?.text;
        let statement: Vec<&str> = text.lines().filter(|l| !l.starts_with("--")).map(str::trim).collect();
        let age = params.older_than.as_secs_f64();
        Ok(vec![
            limits(Span::seconds(5), ctx),
            format!(
                "{} {} of now, at most {} a statement, with $1 = {age}: {}",
                units::count(due as f64),
                params.rows.words(),
                params.batch,
                statement.join(" ")
            ),
        ])
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Pruned>, ToolError> {
        let begin = Instant::now();
        let due = due(&params, ctx).await?;
        let text = ctx.library.sql(params.rows.queries().0)?.text;
        let maintenance = Maintenance::open(ctx, Span::seconds(5)).await?;
        let session = &maintenance.session;
        let statement = session.prepare(&text).await.map_err(|e| explain(&e))?;
        let age = params.older_than.as_secs_f64();
        let (mut rows, mut batches, mut batch) = (0, 0, params.batch.max(1));
        loop {
            let at = Instant::now();
            let values: [&(dyn ToSql + Sync); 2] = [&age, &batch];
            let call = session.execute(&statement, &values);
            let call = ctx.clients.postgres()?.cancelling(session.cancel_token(), call);
            let gone = call.await.map_err(|e| explain(&e))?;
            rows += gone;
            batches += 1;
            ctx.progress(rows, Some(due.max(rows)), params.rows.words());
            if gone < u64::from(batch.unsigned_abs()) {
                break;
            }
            batch = next(batch, at.elapsed(), params.batch.max(1));
            tokio::time::sleep(params.pause.duration()).await;
        }
        let reclaimed = Reclaimed { rows, bytes: 0, seconds: begin.elapsed().as_secs_f64() };
        let summary = format!(
            "{} {} deleted in {}",
            units::count(rows as f64),
            params.rows.words(),
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
    fn a_batch_shrinks_while_statements_take_long_and_grows_back() {
        let (long, fair, short) = (LONGEST * 2, LONGEST * 3 / 4, LONGEST / 4);
        assert_eq!((next(1000, long, 1000), next(500, fair, 1000), next(500, short, 1000)), (500, 500, 1000));
        assert_eq!(next(60, long, 1000), FEWEST);
        assert_eq!(next(800, short, 1000), 1000, "never more than was asked for");
        assert_eq!(
            (next(10, long, 10), next(10, short, 10)),
            (10, 10),
            "fewer than the fewest were asked for"
        );
    }
}
