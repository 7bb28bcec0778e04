//! `postgres.reindex`: rebuilds bloated indexes concurrently, one after the other.
//!
//! It first drops the invalid indexes that a failed rebuild left behind. An index that cannot be rebuilt is
//! a warning: its leftover is dropped at once, and the others are still rebuilt.

use std::time::Instant;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::size::Size;
use crate::base::units;
use crate::base::units::Span;
use crate::clients::postgres;
use crate::model::{Effect, Finding, Reclaimed, Status, StepPlan};
use crate::store::statements;
use crate::store::tables::{BloatedIndex, LeftoverIndex, MaintenanceCommand};
use crate::tools::postgres::maintenance_session::{MaintenanceSession, Target, limits};
use crate::tools::postgres::vacuum::size_change;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Reindex;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Skip indexes smaller than this.
    #[serde(default = "min_bytes")]
    #[schemars(with = "String")]
    pub(crate) min_bytes: Size,
    /// Rebuild an index when at least this part of it is waste, 0.05 to 1.
    #[serde(default = "min_waste")]
    pub(crate) min_waste: f64,
    /// Skip an index whose lock is not available within this time.
    #[serde(default = "lock_timeout")]
    pub(crate) lock_timeout: Span,
}

fn min_bytes() -> Size {
    Size::new(16 << 20)
}

const fn min_waste() -> f64 {
    0.4
}

fn lock_timeout() -> Span {
    Span::seconds(5)
}

/// How a plan marks an index that is not bloated yet.
fn condition(params: &Params) -> String {
    format!(" (if at least {:.0} % of it is waste by then)", params.min_waste * 100.0)
}

/// What the plan does, for a person.
fn described(params: &Params, due: &[&BloatedIndex], maybe: usize) -> String {
    let waste = params.min_waste * 100.0;
    let others = match maybe {
        0 => String::new(),
        n => format!("; {n} more if at least {waste:.0} % is waste by then"),
    };
    let bytes = due.iter().map(|i| i.bytes as f64).sum();
    match due {
        [] => format!("Rebuild indexes: none is bloated now{others}"),
        [one] => format!("Rebuild index {} ({}){others}", one.index_name, units::bytes(bytes)),
        _ => format!("Rebuild {} bloated indexes ({}){others}", due.len(), units::bytes(bytes)),
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Reindexed {
    /// Indexes that were rebuilt.
    pub(crate) indexes: usize,
    pub(crate) failed: usize,
    /// Leftover indexes that were dropped.
    pub(crate) dropped: usize,
    pub(crate) reclaimed: Reclaimed,
}

impl Reindexed {
    fn text(&self) -> String {
        let dropped = match self.dropped {
            0 => String::new(),
            n => format!(", {} dropped", units::counted(n as f64, "invalid index")),
        };
        let rebuilt = match self.indexes {
            0 => "none".to_owned(),
            n => format!("{n}, {} reclaimed", units::bytes(self.reclaimed.bytes as f64)),
        };
        format!("Rebuilt indexes: {rebuilt}{dropped}, in {}", units::duration(self.reclaimed.seconds))
    }
}

/// Below every estimate, which may exceed the index's size many times.
const ANY_WASTE: f64 = -1e9;

async fn bloated(params: &Params, min_waste: f64, ctx: &ToolContext) -> Result<Vec<BloatedIndex>, ToolError> {
    if !(0.05..1.0).contains(&params.min_waste) {
        return Err(ToolError::Params("postgres.reindex: min_waste must be from 0.05 to 1".to_owned()));
    }
    Ok(ctx.store()?.bloated_indexes(params.min_bytes.bytes() as u64, min_waste).await?)
}

impl Tool for Reindex {
    type Params = Params;
    type Result = Reindexed;

    const NAME: &'static str = "postgres.reindex";
    const HELP: &'static str = "Rebuild bloated indexes concurrently";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let mut calls = vec![limits(params.lock_timeout, ctx)];
        let leftovers = ctx.store()?.leftover_indexes().await?;
        calls.extend(leftovers.iter().map(|l| statements::drop_index_concurrently(&l.schema, &l.index_name)));
        // Steps before this one delete rows and so create waste: any large index may be rebuilt by then.
        let large = bloated(params, ANY_WASTE, ctx).await?;
        let (due, maybe): (Vec<_>, Vec<_>) = large.iter().partition(|i| i.waste >= params.min_waste);
        for index in &large {
            let call = statements::reindex_concurrently(&index.schema, &index.index_name);
            calls.push(match index.waste >= params.min_waste {
                true => call,
                false => format!("{call}{}", condition(params)),
            });
        }
        let plan = StepPlan::new(described(params, &due, maybe.len()), calls);
        Ok(match leftovers.len() {
            0 if due.is_empty() => plan.idle(),
            0 => plan,
            n => plan.deleting(units::counted(n as f64, "invalid index")),
        })
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Reindexed>, ToolError> {
        let begin = Instant::now();
        let mut session = MaintenanceSession::open(ctx, params.lock_timeout, ctx.consent()?).await?;
        let dropped = drop_leftovers(&mut session, ctx).await?;
        let (mut findings, mut bytes, mut failed) = (Vec::new(), 0, 0);
        let mut all = bloated(&params, params.min_waste, ctx).await?;
        if let Some(calls) = ctx.consented_calls() {
            let is_consented = |b: &BloatedIndex| {
                let call = statements::reindex_concurrently(&b.schema, &b.index_name);
                calls.iter().any(|c| *c == call || *c == format!("{call}{}", condition(&params)))
            };
            all.retain(is_consented);
        }
        for index in &all {
            match rebuild(&mut session, index, ctx).await {
                Ok(after) => {
                    bytes += index.bytes.saturating_sub(after);
                    let text =
                        format!("Index {}: rebuilt, {}", index.index_name, size_change(index.bytes, after));
                    findings.push(Finding::new(&index.index_name, Self::SOURCE, Status::Ok, text));
                }
                Err(e) => {
                    failed += 1;
                    drop_leftovers(&mut session, ctx).await?;
                    let text = format!("Index {}: not rebuilt, {e}", index.index_name);
                    let finding = Finding::new(&index.index_name, Self::SOURCE, Status::Warn, text);
                    findings.push(finding.hint("ordctl maintain weekly --only reindex"));
                }
            }
        }
        let seconds = begin.elapsed().as_secs_f64();
        let reclaimed = Reclaimed { rows: 0, bytes, seconds };
        let rebuilt = Reindexed { indexes: all.len() - failed, failed, dropped, reclaimed };
        let text = rebuilt.text();
        findings.insert(0, Finding::new("", Self::SOURCE, Status::Ok, text).details(json!(rebuilt)));
        Ok(Output::new(findings, rebuilt))
    }
}

async fn drop_leftovers(session: &mut MaintenanceSession<'_>, ctx: &ToolContext) -> Result<usize, ToolError> {
    let leftovers = ctx.store()?.leftover_indexes().await?;
    for LeftoverIndex { schema, table_name, index_name } in &leftovers {
        let target = Target { command: MaintenanceCommand::CreateIndex, schema, table: table_name };
        session.run(&statements::drop_index_concurrently(schema, index_name), &target).await?;
    }
    Ok(leftovers.len())
}

/// Returns the size of the new index.
async fn rebuild(
    session: &mut MaintenanceSession<'_>,
    index: &BloatedIndex,
    ctx: &ToolContext,
) -> Result<u64, ToolError> {
    let BloatedIndex { schema, table_name, index_name, bytes, waste } = index;
    ctx.progress(0, None, format!("{index_name}: {:.0} % waste", waste * 100.0));
    let target = Target { command: MaintenanceCommand::CreateIndex, schema, table: table_name };
    session.run(&statements::reindex_concurrently(schema, index_name), &target).await?;
    Ok(ctx.store()?.index_bytes(schema, index_name).await?.unwrap_or(*bytes))
}
