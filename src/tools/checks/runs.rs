//! `check.runs`: how the runs of today went. Today is the day of the configured time zone.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Output, Tool, ToolContext, ToolError};
use crate::base::day::Day;
use crate::base::units::{count, quantity};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Threshold, Worse};

/// See the module.
pub struct Runs;

/// What it is given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Such a success rate (%), or a lower one, is a warning.
    #[serde(default)]
    pub warn: Option<f64>,
    /// Such a success rate (%), or a lower one, is critical.
    #[serde(default)]
    pub crit: Option<f64>,
}

/// The runs of a day, each attempt a run.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct DayOfRuns {
    /// All that began.
    pub runs: f64,
    /// Those that ended well.
    pub completed: f64,
    /// Those that did not.
    pub failed: f64,
    /// Those that go on, or were left behind.
    pub unfinished: f64,
    /// Of those that ended, how many did well, in %; null when none has ended.
    pub success_rate: Option<f64>,
    /// How long they took on average; null when none has ended.
    pub average_seconds: Option<f64>,
    /// How long 95 % of them took at most.
    pub p95_seconds: Option<f64>,
    /// How long the longest took.
    pub max_seconds: Option<f64>,
}

#[async_trait]
impl Tool for Runs {
    type Params = Params;
    type Result = DayOfRuns;

    const NAME: &'static str = "check.runs";
    const HELP: &'static str = "how the runs of today went, and how long they took";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<DayOfRuns>, ToolError> {
        let zone = ctx.settings.time_zone;
        let today = Day::of(zone, ctx.clock.now());
        let mut rows: Vec<DayOfRuns> = ctx.store()?.rows_with("runs_between", &today.binds().into()).await?;
        let runs = rows.pop().unwrap_or_default();
        Ok(Output::new(findings(&runs, &params, &format!("{}, {zone}", today.date)), runs))
    }
}

fn findings(runs: &DayOfRuns, params: &Params, day: &str) -> Vec<Finding> {
    let unit = Some("runs");
    let none = Threshold::NONE;
    let mut completed = format!("completed today ({day}): {}", count(runs.completed));
    if runs.unfinished > 0.0 {
        completed.push_str(&format!(", and {} not over", count(runs.unfinished)));
    }
    let failed = format!("failed: {}", count(runs.failed));
    let rate = Threshold { warn: params.warn, crit: params.crit, worse: Worse::Lower };
    vec![
        Finding::measured("completed", SYSTEM, completed, runs.completed, unit, none),
        Finding::measured("failed", SYSTEM, failed, runs.failed, unit, none),
        figure("rate", "success rate", runs.success_rate, "%", rate).hint("ordctl runs list --failed"),
        figure("average", "average duration", runs.average_seconds, "s", none),
        figure("p95", "p95 duration", runs.p95_seconds, "s", none),
        figure("max", "longest duration", runs.max_seconds, "s", none),
    ]
}

/// Where nothing has ended there is nothing to measure, which is neither 0 nor 100 %.
fn figure(id: &str, name: &str, value: Option<f64>, unit: &str, threshold: Threshold) -> Finding {
    match value {
        Some(value) => {
            let summary = format!("{name}: {}", quantity(value, Some(unit)));
            Finding::measured(id, SYSTEM, summary, value, Some(unit), threshold)
        }
        None => Finding::new(id, SYSTEM, Status::Skipped, format!("{name}: no data, no run has ended today")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_rate_is_judged_and_a_missing_one_is_not() {
        let params = Params { warn: Some(95.0), crit: Some(80.0) };
        let rate = |success_rate| {
            let runs = DayOfRuns { success_rate, ..DayOfRuns::default() };
            findings(&runs, &params, "a day")[2].status
        };
        assert_eq!(rate(Some(99.0)), Status::Ok);
        assert_eq!(rate(Some(95.0)), Status::Warn);
        assert_eq!(rate(Some(0.0)), Status::Crit);
        assert_eq!(rate(None), Status::Skipped);
    }
}
