//! `check.runs`: how the runs of today went, or those of the last 24 hours or the last month. Days and months are those of the
//! configured time zone.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::day::{Day, binds};
use crate::base::month::Month;
use crate::base::units::{count, quantity};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Threshold, Worse};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Runs;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Of when.
    #[serde(default)]
    pub(crate) period: Period,
    /// Such a success rate (%), or a lower one, is a warning.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Such a success rate (%), or a lower one, is critical.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Period {
    /// The day that it is.
    #[default]
    Today,
    /// The 24 hours that end now.
    #[serde(rename = "last_24h")]
    Last24h,
    /// The last calendar month that is over.
    LastMonth,
}

/// The runs of a stretch of time. Of an occurrence that was tried again only the final run counts, where
/// the table tells it from the attempts before.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// All that began.
    pub(crate) runs: f64,
    /// Those that ended well.
    pub(crate) completed: f64,
    /// Those that did not.
    pub(crate) failed: f64,
    /// Those that go on, or were left behind.
    pub(crate) unfinished: f64,
    /// Failed attempts that were, or will be, tried again; they are none of the runs.
    #[serde(default)]
    pub(crate) retried: f64,
    /// Of those that ended, how many did well, in %; null when none has ended.
    pub(crate) success_rate: Option<f64>,
    /// How long they took on average; null when none has ended.
    pub(crate) average_seconds: Option<f64>,
    /// How long half of them took at most.
    pub(crate) p50_seconds: Option<f64>,
    /// How long 95 % of them took at most.
    pub(crate) p95_seconds: Option<f64>,
    /// How long 99 % of them took at most.
    pub(crate) p99_seconds: Option<f64>,
    /// How long the longest took.
    pub(crate) max_seconds: Option<f64>,
}

impl Tool for Runs {
    type Params = Params;
    type Result = Figures;

    const NAME: &'static str = "check.runs";
    const HELP: &'static str =
        "how the runs of today, of the last 24 hours or of the last month went, and how long they took";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Figures>, ToolError> {
        let (zone, now) = (ctx.settings.time_zone, ctx.clock.now());
        let (stretch, name) = match params.period {
            Period::Today => {
                let today = Day::of(zone, now);
                (today.binds(), format!("today ({}, {zone})", today.date))
            }
            Period::Last24h => (binds(now - TimeDelta::hours(24), now), "in the last 24 hours".to_owned()),
            Period::LastMonth => {
                let month = Month::before(zone, now);
                (month.binds(), format!("in {month} ({zone})"))
            }
        };
        let mut rows: Vec<Figures> = ctx.store()?.rows_with("runs_between", &stretch.into()).await?;
        let runs = rows.pop().unwrap_or_default();
        Ok(Output::new(findings(&runs, &params, &name), runs))
    }
}

fn findings(runs: &Figures, params: &Params, when: &str) -> Vec<Finding> {
    if matches!(params.period, Period::LastMonth) && runs.runs == 0.0 {
        return vec![Finding::new(
            "completed",
            SYSTEM,
            Status::Skipped,
            format!("no data: no run began {when}"),
        )];
    }
    let unit = Some("runs");
    let none = Threshold::NONE;
    let mut completed = format!("completed {when}: {}", count(runs.completed));
    if runs.unfinished > 0.0 {
        completed.push_str(&format!(", and {} not over", count(runs.unfinished)));
    }
    let failed = format!("failed: {}", count(runs.failed));
    let rate = Threshold { warn: params.warn, crit: params.crit, worse: Worse::Lower };
    let figure = |id, name, value, unit, threshold| figure(id, name, value, unit, threshold, when);
    let mut findings = vec![
        Finding::measured("completed", SYSTEM, completed, runs.completed, unit, none),
        Finding::measured("failed", SYSTEM, failed, runs.failed, unit, none),
        figure("rate", "success rate", runs.success_rate, "%", rate).hint("ordctl runs list --failed"),
        figure("average", "average duration", runs.average_seconds, "s", none),
    ];
    if matches!(params.period, Period::LastMonth) {
        findings.push(figure("p50", "p50 duration", runs.p50_seconds, "s", none));
    }
    findings.push(figure("p95", "p95 duration", runs.p95_seconds, "s", none));
    if matches!(params.period, Period::LastMonth) {
        findings.push(figure("p99", "p99 duration", runs.p99_seconds, "s", none));
    }
    findings.push(figure("max", "longest duration", runs.max_seconds, "s", none));
    if runs.retried > 0.0 {
        let retried = format!("failed attempts that were tried again: {}", count(runs.retried));
        findings.push(Finding::measured("retried", SYSTEM, retried, runs.retried, Some("attempts"), none));
    }
    findings
}

/// Where nothing has ended there is nothing to measure, which is neither 0 nor 100 %.
fn figure(id: &str, name: &str, value: Option<f64>, unit: &str, threshold: Threshold, when: &str) -> Finding {
    match value {
        Some(value) => {
            let summary = format!("{name}: {}", quantity(value, Some(unit)));
            Finding::measured(id, SYSTEM, summary, value, Some(unit), threshold)
        }
        None => {
            let day = when.split(" (").next().unwrap_or(when);
            Finding::new(id, SYSTEM, Status::Skipped, format!("{name}: no data, no run has ended {day}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_rate_is_judged_and_a_missing_one_is_not() {
        let params = Params { period: Period::Today, warn: Some(95.0), crit: Some(80.0) };
        let rate = |success_rate| {
            let runs = Figures { success_rate, ..Figures::default() };
            findings(&runs, &params, "today")[2].status
        };
        assert_eq!(rate(Some(99.0)), Status::Ok);
        assert_eq!(rate(Some(95.0)), Status::Warn);
        assert_eq!(rate(Some(0.0)), Status::Crit);
        assert_eq!(rate(None), Status::Skipped);
    }

    #[test]
    fn a_month_without_runs_has_no_rate_at_all() {
        let params = Params { period: Period::LastMonth, warn: Some(95.0), crit: Some(80.0) };
        let found = findings(&Figures::default(), &params, "in 2026-02 (UTC)");
        assert_eq!((found.len(), found[0].status), (1, Status::Skipped));
        // Runs that have not ended: they are counted, and there is still nothing to divide.
        let runs = Figures { runs: 3.0, unfinished: 3.0, ..Figures::default() };
        let found = findings(&runs, &params, "in 2026-02 (UTC)");
        assert_eq!((found[2].status, found[2].value), (Status::Skipped, None));
    }
}
