//! `check.waits`: how the queue has gone over the last day, hour by hour: what ran, how long it had
//! waited, how much was due when samples were taken.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units::{count, duration};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Point, Series, Status, Threshold};
use crate::store::Binds;
use crate::tools::postgres::samples;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Waits;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Seconds that 95 % of the runs waited at most from which on it is a warning.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Seconds from which on it is critical.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

/// An hour, or the whole day.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Hour {
    /// When it began; null for the whole day.
    pub(crate) at: Option<DateTime<Utc>>,
    /// Runs that began.
    pub(crate) runs: f64,
    /// Runs whose wait is known.
    pub(crate) waited: f64,
    /// How long these waited on average; null without any.
    pub(crate) average_seconds: Option<f64>,
    /// How long the longest waited.
    pub(crate) max_seconds: Option<f64>,
    /// How long 95 % waited at most.
    pub(crate) p95_seconds: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Due {
    at: DateTime<Utc>,
    value: f64,
}

impl Tool for Waits {
    type Params = Params;
    type Result = Vec<Hour>;

    const NAME: &'static str = "check.waits";
    const HELP: &'static str = "runs and their waits in each of the last 24 hours, and how much was due";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<Hour>>, ToolError> {
        let store = ctx.store()?;
        let day = [("name", "queue_due"), ("seconds", "86400")];
        let day: Binds = day.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let due: Vec<Due> = match store.rows_with("samples_of", &day).await {
            Ok(due) => due,
            Err(e) if samples::never_migrated(&e) => {
                let summary = "waits are not known: that needs `ordctl migrate`";
                let finding = Finding::new("", SYSTEM, Status::Skipped, summary);
                return Ok(Output::new(vec![finding], Vec::new()));
            }
            Err(e) => return Err(e.into()),
        };
        let hours: Vec<Hour> = store.rows("waits_by_hour").await?;
        Ok(Output::new(findings(&hours, &due, &params), hours))
    }
}

fn findings(hours: &[Hour], due: &[Due], params: &Params) -> Vec<Finding> {
    let Some(all) = hours.iter().find(|h| h.at.is_none()) else { return Vec::new() };
    // An hour without a value has no point: nothing ran is not nothing waited.
    let series = |value: fn(&Hour) -> Option<f64>| {
        let point = |h: &Hour| Some(Point { at: h.at?, value: value(h)? });
        Series::new(hours.iter().filter_map(point).collect())
    };
    let runs = format!("runs within 24 hours: {}", count(all.runs));
    let runs = Finding::measured("runs", SYSTEM, runs, all.runs, Some("runs"), Threshold::NONE)
        .series(series(|h| Some(h.runs)));
    let waits = match (all.p95_seconds, all.average_seconds, all.max_seconds) {
        (Some(p95), Some(average), Some(max)) => {
            let summary = format!(
                "95 % waited {} at most, {} on average, the longest {}",
                duration(p95),
                duration(average),
                duration(max)
            );
            let threshold = Threshold::above(params.warn, params.crit);
            Finding::measured("p95", SYSTEM, summary, p95, Some("s"), threshold)
                .series(series(|h| h.average_seconds))
                .hint("ordctl queue status")
        }
        _ => Finding::new("p95", SYSTEM, Status::Skipped, "waits: no data, nothing ran within 24 hours"),
    };
    let mut findings = vec![runs, waits];
    if let Some(last) = due.last() {
        let most = due.iter().map(|d| d.value).fold(0.0, f64::max);
        let summary = format!("due at the last sample: {}, {} at most", count(last.value), count(most));
        let points = due.iter().map(|d| Point { at: d.at, value: d.value }).collect();
        findings.push(
            Finding::measured("due", SYSTEM, summary, last.value, Some("items"), Threshold::NONE)
                .series(Series::new(points)),
        );
    }
    findings
}
