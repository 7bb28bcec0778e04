//! `check.runs`: run counts, success rate and durations of today, the last 24 hours or the last month. Days
//! and months are those of the configured time zone.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::base::day::Day;
use crate::base::month::Month;
use crate::base::units::{count, quantity};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Threshold, Worse};
use crate::store::runs::RunStatistics;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Runs;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    #[serde(default)]
    pub(crate) period: Period,
    /// Warn at or below this success rate (%).
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Critical at or below this success rate (%).
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Period {
    /// Since midnight.
    #[default]
    Today,
    #[serde(rename = "last_24h")]
    Last24h,
    /// The last complete calendar month.
    LastMonth,
}

impl Tool for Runs {
    type Params = Params;
    type Result = RunStatistics;

    const NAME: &'static str = "check.runs";
    const HELP: &'static str =
        "Check success rate and durations of the runs of today, the last 24 hours or the last month";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<RunStatistics>, ToolError> {
        let (zone, now) = (ctx.settings.time_zone, ctx.clock.now());
        let (begin, end, name) = match params.period {
            Period::Today => {
                let today = Day::of(zone, now);
                (today.begin, today.end, format!("today ({}, {zone})", today.date))
            }
            Period::Last24h => (now - TimeDelta::hours(24), now, "in the last 24 hours".to_owned()),
            Period::LastMonth => {
                let month = Month::before(zone, now);
                (month.begin, month.end, format!("in {month} ({zone})"))
            }
        };
        let runs = ctx.store()?.run_statistics(begin, end).await?;
        Ok(Output::new(findings(&runs, &params, &name), runs))
    }
}

fn findings(runs: &RunStatistics, params: &Params, when: &str) -> Vec<Finding> {
    if matches!(params.period, Period::LastMonth) && runs.runs == 0 {
        return vec![Finding::new(
            "completed",
            SYSTEM,
            Status::Skipped,
            format!("Completed: no data, no run started {when}"),
        )];
    }
    let unit = Some("runs");
    let none = Threshold::NONE;
    let number = |n: u64| count(n as f64);
    let mut completed = format!("Completed {when}: {}", number(runs.completed));
    if runs.unfinished > 0 {
        completed.push_str(&format!(", {} unfinished", number(runs.unfinished)));
    }
    let failed = format!("Failed: {}", number(runs.failed));
    let rate = Threshold { warn: params.warn, crit: params.crit, worse: Worse::Lower };
    let figure = |id, name, value, unit, threshold| figure(id, name, value, unit, threshold, when);
    let mut findings = vec![
        Finding::measured("completed", SYSTEM, completed, runs.completed as f64, unit, none),
        Finding::measured("failed", SYSTEM, failed, runs.failed as f64, unit, none),
        figure("rate", "Success rate", runs.success_rate, "%", rate).hint("ordctl runs list --failed"),
        figure("average", "Average duration", runs.average_seconds, "s", none),
    ];
    if matches!(params.period, Period::LastMonth) {
        findings.push(figure("p50", "P50 duration", runs.p50_seconds, "s", none));
    }
    findings.push(figure("p95", "P95 duration", runs.p95_seconds, "s", none));
    if matches!(params.period, Period::LastMonth) {
        findings.push(figure("p99", "P99 duration", runs.p99_seconds, "s", none));
    }
    findings.push(figure("max", "Longest duration", runs.max_seconds, "s", none));
    if runs.retried > 0 {
        let retried = format!("Retried attempts: {}", number(runs.retried));
        findings.push(Finding::measured(
            "retried",
            SYSTEM,
            retried,
            runs.retried as f64,
            Some("attempts"),
            none,
        ));
    }
    findings
}

/// Without an ended run there is no value, which is neither 0 nor 100 %.
fn figure(id: &str, name: &str, value: Option<f64>, unit: &str, threshold: Threshold, when: &str) -> Finding {
    match value {
        Some(value) => {
            let summary = format!("{name}: {}", quantity(value, Some(unit)));
            Finding::measured(id, SYSTEM, summary, value, Some(unit), threshold)
        }
        None => {
            let day = when.split(" (").next().unwrap_or(when);
            Finding::new(id, SYSTEM, Status::Skipped, format!("{name}: no data, no run ended {day}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_success_rate_warns_and_a_missing_one_is_skipped() {
        let params = Params { period: Period::Today, warn: Some(95.0), crit: Some(80.0) };
        let rate = |success_rate| {
            let runs = RunStatistics { success_rate, ..RunStatistics::default() };
            findings(&runs, &params, "today")[2].status
        };
        assert_eq!(rate(Some(99.0)), Status::Ok);
        assert_eq!(rate(Some(95.0)), Status::Warn);
        assert_eq!(rate(Some(0.0)), Status::Crit);
        assert_eq!(rate(None), Status::Skipped);
    }

    #[test]
    fn a_month_without_runs_has_no_success_rate() {
        let params = Params { period: Period::LastMonth, warn: Some(95.0), crit: Some(80.0) };
        let found = findings(&RunStatistics::default(), &params, "in 2026-02 (UTC)");
        assert_eq!((found.len(), found[0].status), (1, Status::Skipped));
        let runs = RunStatistics { runs: 3, unfinished: 3, ..RunStatistics::default() };
        let found = findings(&runs, &params, "in 2026-02 (UTC)");
        assert_eq!((found[2].status, found[2].value), (Status::Skipped, None));
    }
}
