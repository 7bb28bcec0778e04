//! `check.table_sizes`: how large the tables are, and how much they have shrunk since an earlier look.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units;
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Threshold};
use crate::tools::ident::ident;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct TableSizes;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// An earlier result of this tool, to be compared with.
    #[serde(default)]
    pub(crate) before: Option<Vec<TableSize>>,
    /// So many tables are told, the largest; those that have shrunk most first.
    #[serde(default = "most")]
    pub(crate) tables: usize,
}

const fn most() -> usize {
    8
}

/// A table.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TableSize {
    /// `schema.table`.
    pub(crate) table: String,
    /// Bytes with indexes and TOAST.
    pub(crate) bytes: f64,
    /// Bytes of its indexes.
    pub(crate) index_bytes: f64,
    /// Dead rows.
    pub(crate) dead: f64,
}

impl Tool for TableSizes {
    type Params = Params;
    type Result = Vec<TableSize>;

    const NAME: &'static str = "check.table_sizes";
    const HELP: &'static str = "how large the tables are, also against an earlier look";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<TableSize>>, ToolError> {
        let now: Vec<TableSize> = ctx.store()?.rows("table_sizes").await?;
        Ok(Output::new(findings(&now, params.before.as_deref(), params.tables), now))
    }
}

fn findings(now: &[TableSize], before: Option<&[TableSize]>, most: usize) -> Vec<Finding> {
    let was = |t: &TableSize| before?.iter().find(|b| b.table == t.table).map(|b| b.bytes);
    let shrunk = |t: &TableSize| was(t).map_or(0.0, |was| was - t.bytes);
    let mut told: Vec<&TableSize> = now.iter().collect();
    told.sort_by(|a, b| shrunk(b).total_cmp(&shrunk(a)).then(b.bytes.total_cmp(&a.bytes)));
    let sum: f64 = now.iter().map(|t| t.bytes).sum();
    let sum_before = before.map(|all| all.iter().map(|t| t.bytes).sum());
    let mut findings = vec![finding("all", "all tables", sum, sum_before)];
    findings.extend(told.into_iter().take(most).map(|t| {
        let details = json!({ "now": t, "bytes_before": was(t) });
        finding(&ident(&t.table), &t.table, t.bytes, was(t)).details(details)
    }));
    findings
}

fn finding(id: &str, what: &str, now: f64, before: Option<f64>) -> Finding {
    let mut summary = format!("{what}: {}", units::bytes(now));
    match before {
        Some(before) if before > now => {
            summary += &format!(", was {} ({} less)", units::bytes(before), units::bytes(before - now));
        }
        Some(before) if before < now => {
            summary += &format!(", was {} ({} more)", units::bytes(before), units::bytes(now - before));
        }
        Some(_) => summary += ", as before",
        None => {}
    }
    Finding::measured(id, SYSTEM, summary, now, Some("bytes"), Threshold::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, bytes: f64) -> TableSize {
        TableSize { table: name.to_owned(), bytes, index_bytes: 0.0, dead: 0.0 }
    }

    #[test]
    fn what_has_shrunk_most_comes_first() {
        let before = [table("a", 4096.0), table("b", 8192.0), table("c", 1024.0)];
        let now = [table("a", 4096.0), table("b", 2048.0), table("c", 3072.0), table("d", 1024.0)];
        let said: Vec<String> = findings(&now, Some(&before), 4).into_iter().map(|f| f.summary).collect();
        assert_eq!(
            said,
            [
                "all tables: 10.0 KiB, was 13.0 KiB (3.0 KiB less)",
                "b: 2.0 KiB, was 8.0 KiB (6.0 KiB less)",
                "a: 4.0 KiB, as before",
                "d: 1.0 KiB",
                "c: 3.0 KiB, was 1.0 KiB (2.0 KiB more)",
            ]
        );
        assert_eq!(findings(&now, None, 1).len(), 2);
    }
}
