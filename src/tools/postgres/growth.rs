//! `check.growth`: the growth of the database and its tables since the last sample before today. It also
//! stores a sample for the next report.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::day::Day;
use crate::base::sanitize::ident;
use crate::base::units::{bytes, count, counted, duration};
use crate::clients::ClientError;
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Threshold};
use crate::store::StoreError;
use crate::store::samples::Growth;
use crate::tools::postgres::samples;
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// Short enough that the step's timeout leaves time to store the sample afterwards.
const LOCK_TIMEOUT: Duration = Duration::from_secs(3);
/// A lock that is held this long belongs to an old transaction or to a session that waits behind one.
const LOCK_HINT: &str = "ordctl health morning --only postgres";

pub(crate) struct CheckGrowth;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// How many tables to list, fastest growing first.
    #[serde(default = "tables")]
    pub(crate) tables: usize,
}

const fn tables() -> usize {
    8
}

impl Tool for CheckGrowth {
    type Params = Params;
    type Result = Vec<Growth>;

    const NAME: &'static str = "check.growth";
    const HELP: &'static str = "Check table growth since the last sample before today, and store a sample";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<Growth>>, ToolError> {
        let today = Day::of(ctx.settings.time_zone, ctx.clock.now());
        let growth = ctx.store()?.with_lock_timeout(LOCK_TIMEOUT).growth_since(today.begin).await;
        let rows = match growth {
            Ok(rows) => rows,
            Err(e) if e.is_not_migrated() => {
                return Ok(Output::new(vec![samples::unknown_growth(SYSTEM)], Vec::new()));
            }
            // The server answered, so the sample for the next report can still be stored.
            Err(StoreError::Client(e @ ClientError::Failed { .. })) => {
                let finding = Finding::new("", SYSTEM, Status::Unknown, format!("Growth: unknown, {e}"));
                let sample = samples::store(ctx, SYSTEM).await?;
                return Ok(Output::new(vec![finding.hint(LOCK_HINT), sample], Vec::new()));
            }
            Err(e) => return Err(e.into()),
        };
        // After the query, which compares with the samples that existed before.
        let sample = samples::store(ctx, SYSTEM).await?;
        let mut findings = findings(&rows, params.tables);
        findings.push(sample);
        Ok(Output::new(findings, rows))
    }
}

fn findings(rows: &[Growth], max: usize) -> Vec<Finding> {
    let (mut tables, database): (Vec<&Growth>, Vec<&Growth>) = rows.iter().partition(|r| r.table.is_some());
    tables.sort_by_key(|g| std::cmp::Reverse((g.grown.unwrap_or(0), g.bytes.unwrap_or(0))));
    let mut findings: Vec<Finding> = database.iter().map(|d| database_finding(d)).collect();
    findings.extend(tables.iter().take(max).map(|t| table_finding(t)));
    findings.extend(locked_tables(&tables));
    findings.extend(unknown_tables(&tables));
    findings
}

fn locked_tables(tables: &[&Growth]) -> Option<Finding> {
    let names: Vec<&str> = tables.iter().filter(|t| t.locked).filter_map(|t| t.table.as_deref()).collect();
    let first = names.first()?;
    let tables = counted(names.len() as f64, "table");
    let summary = format!("Size unknown: {tables} locked by another session, first {first}");
    Some(Finding::new("locked", SYSTEM, Status::Unknown, summary).hint(LOCK_HINT).details(json!(names)))
}

/// Tables that the sample lacks.
fn unknown_tables(tables: &[&Growth]) -> Option<Finding> {
    let is_unknown = |t: &&&Growth| t.since_seconds.is_some() && t.grown.is_none() && !t.locked;
    // Tables without a known growth are sorted by size.
    let largest = tables.iter().find(is_unknown)?;
    let summary = format!(
        "Growth unknown: {} missing in the last sample, largest {} ({})",
        counted(tables.iter().filter(is_unknown).count() as f64, "table"),
        largest.table.as_deref().unwrap_or_default(),
        size(largest)
    );
    Some(Finding::new("unknown", SYSTEM, Status::Ok, summary))
}

fn size(growth: &Growth) -> String {
    growth.bytes.map_or_else(|| "size unknown".to_owned(), |n| bytes(n as f64))
}

fn database_finding(database: &Growth) -> Finding {
    let size = size(database);
    let finding = match (database.grown, database.since_seconds) {
        (Some(grown), Some(since)) => {
            let summary = format!("Database: {size}, {} in {}", signed(grown), duration(since));
            Finding::measured("database", SYSTEM, summary, grown as f64, Some("bytes"), Threshold::NONE)
        }
        _ => {
            let summary = format!("Database: {size}, growth available in the next report");
            Finding::new("database", SYSTEM, Status::Ok, summary)
        }
    };
    finding.details(json!(database))
}

fn table_finding(table: &Growth) -> Finding {
    let name = table.table.as_deref().unwrap_or_default();
    let mut summary = format!("{name}: {}", size(table));
    if let Some(grown) = table.grown {
        summary.push_str(&format!(", {}", signed(grown)));
    } else if table.since_seconds.is_some() {
        summary.push_str(", growth unknown");
    }
    if let Some(inserted) = table.inserted {
        let at_least = if table.reset { "at least " } else { "" };
        let note = if table.reset { " (counter was reset)" } else { "" };
        summary.push_str(&format!(", {at_least}{} rows inserted{note}", count(inserted as f64)));
    }
    let id = ident(name);
    let finding = match table.grown {
        Some(grown) => Finding::measured(&id, SYSTEM, summary, grown as f64, Some("bytes"), Threshold::NONE),
        None => Finding::new(&id, SYSTEM, Status::Ok, summary),
    };
    finding.details(json!(table))
}

fn signed(grown: i64) -> String {
    let sign = if grown < 0 { '-' } else { '+' };
    format!("{sign}{}", bytes(grown.unsigned_abs() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growth(table: Option<&str>, grown: Option<i64>, inserted: Option<u64>, reset: bool) -> Growth {
        let since_seconds = grown.map(|_| 86_400.0);
        Growth {
            table: table.map(str::to_owned),
            since_seconds,
            bytes: Some(4096),
            grown,
            inserted,
            reset,
            locked: false,
        }
    }

    #[test]
    fn tables_are_sorted_by_growth_and_resets_are_reported() {
        let rows = [
            growth(Some("public.a"), Some(10), Some(5), false),
            growth(Some("public.b"), Some(2048), Some(7), true),
            growth(Some("public.c"), Some(-1024), Some(0), false),
            growth(None, Some(1034), None, false),
        ];
        let summaries: Vec<String> = findings(&rows, 3).into_iter().map(|f| f.summary).collect();
        assert_eq!(
            summaries,
            [
                "Database: 4.0 KiB, +1.0 KiB in 1d",
                "public.b: 4.0 KiB, +2.0 KiB, at least 7 rows inserted (counter was reset)",
                "public.a: 4.0 KiB, +10 B, 5 rows inserted",
                "public.c: 4.0 KiB, -1.0 KiB, 0 rows inserted",
            ]
        );
    }

    #[test]
    fn tables_missing_in_the_sample_have_an_unknown_growth() {
        let missing = |table, bytes| {
            let since_seconds = Some(1.0);
            Growth { since_seconds, bytes: Some(bytes), ..growth(Some(table), None, None, false) }
        };
        let locked = Growth { bytes: None, locked: true, ..growth(Some("s.c"), None, None, false) };
        let found = findings(&[missing("s.b", 1024), missing("s.a", 4096), locked], 1);
        let found: Vec<_> = found.iter().map(|f| (f.status, f.summary.as_str())).collect();
        assert_eq!(
            found,
            [
                (Status::Ok, "s.a: 4.0 KiB, growth unknown"),
                (Status::Unknown, "Size unknown: 1 table locked by another session, first s.c"),
                (Status::Ok, "Growth unknown: 2 tables missing in the last sample, largest s.a (4.0 KiB)"),
            ]
        );
    }

    #[test]
    fn without_a_sample_only_the_size_is_known() {
        let found = findings(&[growth(None, None, None, false), growth(Some("t"), None, None, false)], 8);
        assert_eq!(found[0].summary, "Database: 4.0 KiB, growth available in the next report");
        assert_eq!((found[0].value, found[1].summary.as_str()), (None, "t: 4.0 KiB"));
    }
}
