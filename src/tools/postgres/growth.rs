//! `check.growth`: how the database and its tables have grown since the last sample before today, and a
//! new sample for tomorrow's report.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::day::Day;
use crate::base::units::{bytes, count, counted, duration};
use crate::clients::ClientError;
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Threshold};
use crate::store::{Binds, StoreError};
use crate::tools::ident::ident;
use crate::tools::postgres::samples;
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// How long a lock is waited for: a sample is to be kept afterwards, within the same report.
const LOCK: Duration = Duration::from_secs(3);
/// Who holds a lock so long is an old transaction, or waits behind one.
const LOCKS: &str = "ordctl health morning --only postgres";

pub(crate) struct Growth;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// So many tables are listed, those that have grown most.
    #[serde(default = "tables")]
    pub(crate) tables: usize,
}

const fn tables() -> usize {
    8
}

/// The database, or one of its tables, against the sample.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Grown {
    /// `schema.table`; null for the whole database.
    pub(crate) table: Option<String>,
    /// The sample's age; null without one.
    pub(crate) since_seconds: Option<f64>,
    /// Bytes now, with indexes and TOAST; null while another holds the table locked.
    pub(crate) bytes: Option<f64>,
    /// Bytes more than then; null where the sample does not tell.
    pub(crate) grown: Option<f64>,
    /// Rows inserted since then; null where the sample does not tell.
    pub(crate) inserted: Option<f64>,
    /// The counter of rows was reset meanwhile: there were that many at least.
    pub(crate) reset: bool,
    /// Another session has locked it, or an index of it.
    #[serde(default)]
    pub(crate) locked: bool,
}

impl Tool for Growth {
    type Params = Params;
    type Result = Vec<Grown>;

    const NAME: &'static str = "check.growth";
    const HELP: &'static str =
        "how the tables have grown since the last sample before today; keeps a new one";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<Grown>>, ToolError> {
        let [(_, begin), _] = Day::of(ctx.settings.time_zone, ctx.clock.now()).binds();
        let binds = Binds::from([("before".to_owned(), begin)]);
        let rows: Vec<Grown> =
            match ctx.store()?.giving_up_locks(LOCK).rows_with("growth_since", &binds).await {
                Ok(rows) => rows,
                Err(e) if samples::never_migrated(&e) => {
                    return Ok(Output::new(vec![samples::unknown_growth(SYSTEM)], Vec::new()));
                }
                // The server answers: tomorrow's report has its sample all the same.
                Err(StoreError::Client(e @ ClientError::Failed { .. })) => {
                    let summary = format!("growth is not known: {e}");
                    let finding = Finding::new("", SYSTEM, Status::Unknown, summary).hint(LOCKS);
                    return Ok(Output::new(vec![finding, samples::store(ctx, SYSTEM).await?], Vec::new()));
                }
                Err(e) => return Err(e.into()),
            };
        // Only now: what is measured is measured against what was there before.
        let kept = samples::store(ctx, SYSTEM).await?;
        let mut findings = findings(&rows, params.tables);
        findings.push(kept);
        Ok(Output::new(findings, rows))
    }
}

fn findings(rows: &[Grown], most: usize) -> Vec<Finding> {
    let (mut tables, whole): (Vec<&Grown>, Vec<&Grown>) = rows.iter().partition(|r| r.table.is_some());
    let rank = |g: &Grown| (g.grown.unwrap_or(0.0), g.bytes.unwrap_or(0.0));
    tables.sort_by(|a, b| {
        let (a, b) = (rank(a), rank(b));
        b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1))
    });
    let mut findings: Vec<Finding> = whole.iter().map(|w| database(w)).collect();
    findings.extend(tables.iter().take(most).map(|t| table(t)));
    findings.extend(locked(&tables));
    findings.extend(unknown(&tables));
    findings
}

fn locked(tables: &[&Grown]) -> Option<Finding> {
    let names: Vec<&str> = tables.iter().filter(|t| t.locked).filter_map(|t| t.table.as_deref()).collect();
    let first = names.first()?;
    let tables = counted(names.len() as f64, "table");
    let summary = format!("locked by another session, so its size is not known: {tables}, first {first}");
    Some(Finding::new("locked", SYSTEM, Status::Unknown, summary).hint(LOCKS).details(json!(names)))
}

/// Tables that the sample does not tell of.
fn unknown(tables: &[&Grown]) -> Option<Finding> {
    let untold = |t: &&&Grown| t.since_seconds.is_some() && t.grown.is_none() && !t.locked;
    // Those whose growth is not known come in the order of their sizes.
    let largest = tables.iter().find(untold)?;
    let size = largest.bytes.map_or_else(|| "of unknown size".to_owned(), bytes);
    let summary = format!(
        "growth not known of {}, which the last sample does not hold; the largest: {}, {size}",
        counted(tables.iter().filter(untold).count() as f64, "table"),
        largest.table.as_deref().unwrap_or_default(),
    );
    Some(Finding::new("unknown", SYSTEM, Status::Ok, summary))
}

fn database(whole: &Grown) -> Finding {
    let size = whole.bytes.map_or_else(|| "of unknown size".to_owned(), bytes);
    match (whole.grown, whole.since_seconds) {
        (Some(grown), Some(since)) => {
            let summary = format!("database: {size}, {} in {}", signed(grown), duration(since));
            Finding::measured("database", SYSTEM, summary, grown, Some("bytes"), Threshold::NONE)
                .details(json!(whole))
        }
        _ => {
            let summary = format!("database: {size}; its growth is known from the next report on");
            Finding::new("database", SYSTEM, Status::Ok, summary).details(json!(whole))
        }
    }
}

fn table(table: &Grown) -> Finding {
    let name = table.table.as_deref().unwrap_or_default();
    let size = table.bytes.map_or_else(|| "of unknown size".to_owned(), bytes);
    let mut summary = format!("{name}: {size}");
    if let Some(grown) = table.grown {
        summary.push_str(&format!(", {}", signed(grown)));
    } else if table.since_seconds.is_some() {
        summary.push_str(", growth not known");
    }
    if let Some(inserted) = table.inserted {
        let least = if table.reset { "at least " } else { "" };
        let noticed = if table.reset { " (the counter was reset)" } else { "" };
        summary.push_str(&format!(", {least}{} rows inserted{noticed}", count(inserted)));
    }
    let id = ident(name);
    let finding = match table.grown {
        Some(grown) => Finding::measured(&id, SYSTEM, summary, grown, Some("bytes"), Threshold::NONE),
        None => Finding::new(&id, SYSTEM, Status::Ok, summary),
    };
    finding.details(json!(table))
}

fn signed(grown: f64) -> String {
    if grown < 0.0 { format!("{} less", bytes(-grown)) } else { format!("{} more", bytes(grown)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grown(table: Option<&str>, grown: Option<f64>, inserted: Option<f64>, reset: bool) -> Grown {
        let since_seconds = grown.map(|_| 86_400.0);
        Grown {
            table: table.map(str::to_owned),
            since_seconds,
            bytes: Some(4096.0),
            grown,
            inserted,
            reset,
            locked: false,
        }
    }

    #[test]
    fn the_tables_that_have_grown_most_come_first_and_resets_are_said() {
        let rows = [
            grown(Some("public.a"), Some(10.0), Some(5.0), false),
            grown(Some("public.b"), Some(2048.0), Some(7.0), true),
            grown(Some("public.c"), Some(-1024.0), Some(0.0), false),
            grown(None, Some(1034.0), None, false),
        ];
        let found: Vec<String> = findings(&rows, 2).into_iter().map(|f| f.summary).collect();
        assert_eq!(
            found,
            [
                "database: 4.0 KiB, 1.0 KiB more in 1d",
                "public.b: 4.0 KiB, 2.0 KiB more, at least 7 rows inserted (the counter was reset)",
                "public.a: 4.0 KiB, 10 B more, 5 rows inserted",
            ]
        );
    }

    #[test]
    fn what_the_sample_does_not_tell_is_said_not_to_be_known() {
        let untold = |table, bytes| {
            let since_seconds = Some(1.0);
            Grown { since_seconds, bytes: Some(bytes), ..grown(Some(table), None, None, false) }
        };
        let locked = Grown { bytes: None, locked: true, ..grown(Some("s.c"), None, None, false) };
        let found = findings(&[untold("s.b", 1024.0), untold("s.a", 4096.0), locked], 1);
        let said: Vec<_> = found.iter().map(|f| (f.status, f.summary.as_str())).collect();
        assert_eq!(
            said,
            [
                (Status::Ok, "s.a: 4.0 KiB, growth not known"),
                (Status::Unknown, "locked by another session, so its size is not known: 1 table, first s.c"),
                (
                    Status::Ok,
                    "growth not known of 2 tables, which the last sample does not hold; the largest: s.a, 4.0 KiB"
                ),
            ]
        );
    }

    #[test]
    fn without_a_sample_there_is_a_size_and_no_growth() {
        let found = findings(&[grown(None, None, None, false), grown(Some("t"), None, None, false)], 8);
        assert_eq!(found[0].summary, "database: 4.0 KiB; its growth is known from the next report on");
        assert_eq!((found[0].value, found[1].summary.as_str()), (None, "t: 4.0 KiB"));
    }
}
