//! `check.waits`: runs, waits and sampled queue depth of the last 24 hours.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::base::units::{count, duration};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Point, Series, Status, Threshold};
use crate::store::queue::HourlyWaits;
use crate::store::samples::{Sample, SampleName};
use crate::tools::{Output, Tool, ToolContext, ToolError};

const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) struct Waits;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Warn at or above this p95 wait (seconds).
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Critical at or above this p95 wait (seconds).
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

impl Tool for Waits {
    type Params = Params;
    type Result = Vec<HourlyWaits>;

    const NAME: &'static str = "check.waits";
    const HELP: &'static str = "Check runs, waits and queue depth over the last 24 hours";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<HourlyWaits>>, ToolError> {
        let store = ctx.store()?;
        let due = match store.samples(SampleName::QueueDue, DAY).await {
            Ok(due) => due,
            Err(e) if e.is_not_migrated() => {
                let summary = "Waits: unknown, the database is not migrated";
                let finding = Finding::new("", SYSTEM, Status::Skipped, summary).hint("ordctl migrate");
                return Ok(Output::new(vec![finding], Vec::new()));
            }
            Err(e) => return Err(e.into()),
        };
        let hours = store.waits_by_hour().await?;
        Ok(Output::new(findings(&hours, &due, &params), hours))
    }
}

fn findings(hours: &[HourlyWaits], due: &[Sample], params: &Params) -> Vec<Finding> {
    let Some(total) = hours.iter().find(|h| h.at.is_none()) else { return Vec::new() };
    // An hour without runs has no point: no run is not a wait of 0.
    let series = |value: fn(&HourlyWaits) -> Option<f64>| {
        let point = |h: &HourlyWaits| Some(Point { at: h.at?, value: value(h)? });
        Series::new(hours.iter().filter_map(point).collect())
    };
    let number = total.runs as f64;
    let runs = format!("Runs in the last 24 hours: {}", count(number));
    let runs = Finding::measured("runs", SYSTEM, runs, number, Some("runs"), Threshold::NONE)
        .series(series(|h| Some(h.runs as f64)));
    let waits = match (total.p95_seconds, total.average_seconds, total.max_seconds) {
        (Some(p95), Some(average), Some(max)) => {
            let (average, max) = (duration(average), duration(max));
            let summary = format!("Wait before start: p95 {}, average {average}, max {max}", duration(p95));
            let threshold = Threshold::above(params.warn, params.crit);
            Finding::measured("p95", SYSTEM, summary, p95, Some("s"), threshold)
                .series(series(|h| h.average_seconds))
                .hint("ordctl queue status")
        }
        _ => {
            let summary = "Wait before start: no data, no run started in the last 24 hours";
            Finding::new("p95", SYSTEM, Status::Skipped, summary)
        }
    };
    let mut findings = vec![runs, waits];
    if let Some(last) = due.last() {
        let max = due.iter().map(|d| d.value).fold(0.0, f64::max);
        let summary = format!("Due at the last sample: {}, max {}", count(last.value), count(max));
        let points = due.iter().map(|d| Point { at: d.at, value: d.value }).collect();
        findings.push(
            Finding::measured("due", SYSTEM, summary, last.value, Some("items"), Threshold::NONE)
                .series(Series::new(points)),
        );
    }
    findings
}
