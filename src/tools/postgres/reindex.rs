//! `postgres.reindex`: rebuilds the indexes whose size does not fit their entries, one after the other,
//! while everybody goes on reading and writing.
//!
//! What an earlier rebuild that failed left behind is dropped first. An index that cannot be rebuilt now
//! is a warning, its leftover is dropped at once, and the others are rebuilt all the same.

use std::time::Instant;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::size::Size;
use crate::base::units;
use crate::base::units::Span;
use crate::clients::postgres;
use crate::model::{Effect, Finding, Reclaimed, Status};
use crate::store::{Binds, statements};
use crate::tools::postgres::maintenance_session::{Maintenance, Progress, limits};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Reindex;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Smaller indexes are left alone.
    #[serde(default = "min_bytes")]
    #[schemars(with = "String")]
    pub(crate) min_bytes: Size,
    /// Which part of an index must be waste, 0 to 1.
    #[serde(default = "min_waste")]
    pub(crate) min_waste: f64,
    /// How long to wait for a lock before giving up an index.
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

/// What a plan says of an index that is no waste yet.
fn unless(params: &Params) -> String {
    format!(" (if {:.0} % of it is waste by then)", params.min_waste * 100.0)
}

#[derive(Debug, Serialize)]
pub(crate) struct Reindexed {
    /// Indexes that were rebuilt.
    pub(crate) indexes: usize,
    /// Indexes that could not be rebuilt now.
    pub(crate) failed: usize,
    /// Leftovers that were dropped.
    pub(crate) dropped: usize,
    /// Bytes that were given back.
    pub(crate) reclaimed: Reclaimed,
}

#[derive(Debug, Deserialize)]
struct Bloated {
    schema: String,
    table_name: String,
    index_name: String,
    bytes: f64,
    waste: f64,
}

#[derive(Debug, Deserialize)]
struct Leftover {
    schema: String,
    table_name: String,
    index_name: String,
}

/// Less than any index has: one may be far smaller than was estimated.
const ANY_WASTE: f64 = -1e9;

/// The indexes of which so much is waste.
async fn bloated(params: &Params, waste: f64, ctx: &ToolContext) -> Result<Vec<Bloated>, ToolError> {
    if !(0.05..1.0).contains(&params.min_waste) {
        return Err(ToolError::Params("postgres.reindex: min_waste is from 0.05 to 1".to_owned()));
    }
    let binds = Binds::from([
        ("min_bytes".to_owned(), params.min_bytes.bytes().to_string()),
        ("min_waste".to_owned(), waste.to_string()),
    ]);
    Ok(ctx.store()?.rows_with("index_bloat", &binds).await?)
}

async fn leftovers(ctx: &ToolContext) -> Result<Vec<Leftover>, ToolError> {
    Ok(ctx.store()?.rows("index_leftovers").await?)
}

impl Tool for Reindex {
    type Params = Params;
    type Result = Reindexed;

    const NAME: &'static str = "postgres.reindex";
    const HELP: &'static str = "rebuilds indexes that are larger than their entries need, concurrently";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let mut calls = vec![limits(params.lock_timeout, ctx)];
        let old = leftovers(ctx).await?;
        calls.extend(old.iter().map(|l| statements::drop_index_concurrently(&l.schema, &l.index_name)));
        // Deleting rows before makes waste of what is none yet: every index that is large enough may be
        // rebuilt.
        for index in bloated(params, ANY_WASTE, ctx).await? {
            let call = statements::reindex_concurrently(&index.schema, &index.index_name);
            calls.push(match index.waste >= params.min_waste {
                true => call,
                false => format!("{call}{}", unless(params)),
            });
        }
        Ok(calls)
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Reindexed>, ToolError> {
        let begin = Instant::now();
        let mut session = Maintenance::open(ctx, params.lock_timeout).await?;
        let dropped = drop_leftovers(&mut session, ctx).await?;
        let (mut findings, mut bytes, mut failed) = (Vec::new(), 0.0, 0);
        let mut all = bloated(&params, params.min_waste, ctx).await?;
        if let Some(calls) = &ctx.consented {
            let may = |b: &Bloated| {
                let call = statements::reindex_concurrently(&b.schema, &b.index_name);
                calls.iter().any(|c| *c == call || *c == format!("{call}{}", unless(&params)))
            };
            all.retain(may);
        }
        for index in &all {
            match rebuild(&mut session, index, ctx).await {
                Ok(after) => {
                    bytes += (index.bytes - after).max(0.0);
                    let (now, was) = (units::bytes(after), units::bytes(index.bytes));
                    let text = format!("{}: {now}, was {was}", index.index_name);
                    findings.push(Finding::new(&index.index_name, Self::SOURCE, Status::Ok, text));
                }
                Err(e) => {
                    failed += 1;
                    drop_leftovers(&mut session, ctx).await?;
                    let text = format!("{}: not rebuilt now: {e}", index.index_name);
                    let finding = Finding::new(&index.index_name, Self::SOURCE, Status::Warn, text);
                    findings.push(finding.hint("ordctl maintain weekly --only reindex"));
                }
            }
        }
        let seconds = begin.elapsed().as_secs_f64();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of sizes")]
        let reclaimed = Reclaimed { rows: 0, bytes: bytes as u64, seconds };
        let rebuilt = Reindexed { indexes: all.len() - failed, failed, dropped, reclaimed };
        let text = format!(
            "{} indexes rebuilt, {} given back, {dropped} leftovers dropped; {}",
            rebuilt.indexes,
            units::bytes(bytes),
            units::duration(seconds)
        );
        findings.insert(0, Finding::new("", Self::SOURCE, Status::Ok, text).details(json!(rebuilt)));
        Ok(Output::new(findings, rebuilt))
    }
}

async fn drop_leftovers(session: &mut Maintenance<'_>, ctx: &ToolContext) -> Result<usize, ToolError> {
    let old = leftovers(ctx).await?;
    for left in &old {
        let statement = statements::drop_index_concurrently(&left.schema, &left.index_name);
        let progress = Progress { query: "index_progress", schema: &left.schema, table: &left.table_name };
        session.run(&statement, &progress).await?;
    }
    Ok(old.len())
}

/// Returns its size after.
async fn rebuild(
    session: &mut Maintenance<'_>,
    index: &Bloated,
    ctx: &ToolContext,
) -> Result<f64, ToolError> {
    #[derive(Deserialize)]
    struct Size {
        bytes: f64,
    }
    let waste = format!("{}: {:.0} % waste", index.index_name, index.waste * 100.0);
    ctx.progress(0, None, waste);
    let statement = statements::reindex_concurrently(&index.schema, &index.index_name);
    let progress = Progress { query: "index_progress", schema: &index.schema, table: &index.table_name };
    session.run(&statement, &progress).await?;
    let binds = Binds::from([
        ("schema".to_owned(), index.schema.clone()),
        ("index".to_owned(), index.index_name.clone()),
    ]);
    let rows: Vec<Size> = ctx.store()?.rows_with("index_size", &binds).await?;
    Ok(rows.first().map_or(index.bytes, |r| r.bytes))
}
