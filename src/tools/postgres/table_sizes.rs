//! `check.table_sizes`: table sizes, optionally compared with an earlier result.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::sanitize::ident;
use crate::base::units;
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Threshold};
use crate::store::tables::TableSize;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct TableSizes;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// An earlier result of this tool to compare with.
    #[serde(default)]
    pub(crate) before: Option<Vec<TableSize>>,
    /// How many tables to list: those that shrank most, then the largest.
    #[serde(default = "max_tables")]
    pub(crate) tables: usize,
}

const fn max_tables() -> usize {
    8
}

impl Tool for TableSizes {
    type Params = Params;
    type Result = Vec<TableSize>;

    const NAME: &'static str = "check.table_sizes";
    const HELP: &'static str = "Report table sizes, compared with an earlier result";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<TableSize>>, ToolError> {
        let now = ctx.store()?.table_sizes().await?;
        Ok(Output::new(findings(&now, params.before.as_deref(), params.tables), now))
    }
}

fn findings(now: &[TableSize], before: Option<&[TableSize]>, max: usize) -> Vec<Finding> {
    let was = |t: &TableSize| before?.iter().find(|b| b.table == t.table).map(|b| b.bytes);
    let shrunk = |t: &TableSize| was(t).map_or(0, |was| was.cast_signed() - t.bytes.cast_signed());
    let mut sorted: Vec<&TableSize> = now.iter().collect();
    sorted.sort_by_key(|t| std::cmp::Reverse((shrunk(t), t.bytes)));
    let sum = |tables: &[TableSize]| tables.iter().map(|t| t.bytes).sum::<u64>();
    let mut findings = vec![finding("all", "all tables", sum(now), before.map(sum))];
    findings.extend(sorted.into_iter().take(max).map(|t| {
        let details = json!({ "now": t, "bytes_before": was(t) });
        finding(&ident(&t.table), &t.table, t.bytes, was(t)).details(details)
    }));
    findings
}

fn finding(id: &str, name: &str, now: u64, before: Option<u64>) -> Finding {
    let bytes = |n: u64| units::bytes(n as f64);
    let mut summary = format!("{name}: {}", bytes(now));
    if let Some(before) = before {
        summary += &match now.cmp(&before) {
            Ordering::Less => format!(", was {} (-{})", bytes(before), bytes(before - now)),
            Ordering::Greater => format!(", was {} (+{})", bytes(before), bytes(now - before)),
            Ordering::Equal => ", unchanged".to_owned(),
        };
    }
    Finding::measured(id, SYSTEM, summary, now as f64, Some("bytes"), Threshold::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, bytes: u64) -> TableSize {
        TableSize { table: name.to_owned(), bytes, index_bytes: 0, dead: 0 }
    }

    #[test]
    fn tables_that_shrank_most_come_first() {
        let before = [table("a", 4096), table("b", 8192), table("c", 1024)];
        let now = [table("a", 4096), table("b", 2048), table("c", 3072), table("d", 1024)];
        let summaries: Vec<String> =
            findings(&now, Some(&before), 4).into_iter().map(|f| f.summary).collect();
        assert_eq!(
            summaries,
            [
                "all tables: 10.0 KiB, was 13.0 KiB (-3.0 KiB)",
                "b: 2.0 KiB, was 8.0 KiB (-6.0 KiB)",
                "a: 4.0 KiB, unchanged",
                "d: 1.0 KiB",
                "c: 3.0 KiB, was 1.0 KiB (+2.0 KiB)",
            ]
        );
        assert_eq!(findings(&now, None, 1).len(), 2);
    }
}
