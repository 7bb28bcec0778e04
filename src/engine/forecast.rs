//! The tool `check.schedule`: tomorrow's runs, computed from the schedules.
//!
//! It is part of the engine because the report must use the scheduler's own functions.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::schedule::{Schedule, ScheduleError, ScheduleKind};
use crate::base::day::Day;
use crate::base::units::counted;
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Point, Series, Status, Threshold, UnknownKeyword};
use crate::pipeline::{Output, Tool, ToolContext, ToolError};
use crate::store::queue::QueuedWork;
use crate::store::schedules::ScheduledTask;

/// Maximum occurrences counted per task: one per minute of the longest day.
const OCCURRENCES_MAX: usize = 1500;
/// Maximum invalid schedules reported, and tasks listed in the details.
const LISTED_MAX: usize = 5;

pub(crate) struct Forecast;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

#[derive(Debug, Serialize)]
pub(crate) struct ScheduleForecast {
    /// The day, in the configured time zone.
    pub(crate) date: String,
    /// Total occurrences.
    pub(crate) occurrences: usize,
    /// Tasks with at least one occurrence.
    pub(crate) tasks: usize,
    /// Rows of due work that are already queued for the day.
    pub(crate) queued: u64,
    /// Titles of tasks with an invalid schedule.
    pub(crate) broken: Vec<String>,
}

impl Tool for Forecast {
    type Params = Params;
    type Result = ScheduleForecast;

    const NAME: &'static str = "check.schedule";
    const HELP: &'static str = "Forecast tomorrow's runs from the schedules and the queue";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<ScheduleForecast>, ToolError> {
        let store = ctx.store()?;
        let zone = ctx.settings.time_zone;
        let day = Day::of(zone, ctx.clock.now()).next(zone);
        let tasks = store.active_schedules().await?;
        let snoozed = store.snoozed_tasks().await?;
        let snoozed: HashMap<String, DateTime<Utc>> = snoozed.into_iter().map(|s| (s.id, s.until)).collect();
        let queued = store.queued_between(day.begin, day.end).await?;
        let mut summary = Summary::default();
        for task in &tasks {
            summary.add(task, occurrences(task, snoozed.get(&task.id).copied(), day));
            // Lets the step's timeout end the loop.
            tokio::task::yield_now().await;
        }
        let findings = summary.findings(day, &queued);
        let forecast = ScheduleForecast {
            date: day.date.to_string(),
            occurrences: summary.instants.len(),
            tasks: summary.tasks.len(),
            queued: queued.rows,
            broken: summary.broken.iter().map(|(task, _)| task.clone()).collect(),
        };
        Ok(Output::new(findings, forecast))
    }
}

/// A task's occurrences of a day, at most [`OCCURRENCES_MAX`].
fn occurrences(
    task: &ScheduledTask,
    snoozed_until: Option<DateTime<Utc>>,
    day: Day,
) -> Result<Vec<DateTime<Utc>>, String> {
    let text = |e: ScheduleError| e.to_string();
    let kind: ScheduleKind = task.kind.parse().map_err(|e: UnknownKeyword| e.to_string())?;
    let zone = task.timezone.parse().map_err(|_| format!("unknown time zone '{}'", task.timezone))?;
    let schedule = Schedule::parse(kind, &task.expr, zone, task.created_at).map_err(text)?;
    // `after` is exclusive, and the day includes its first instant.
    let before = day.begin - TimeDelta::microseconds(1);
    let mut at = snoozed_until.map_or(before, |until| until.max(before));
    let mut found = Vec::new();
    while found.len() < OCCURRENCES_MAX
        && let Some(next) = schedule.after(at).map_err(text)?.filter(|next| *next < day.end)
    {
        found.push(next);
        at = next;
    }
    Ok(found)
}

#[derive(Default)]
struct Summary {
    instants: Vec<DateTime<Utc>>,
    /// Title and number of occurrences.
    tasks: Vec<(String, usize)>,
    broken: Vec<(String, Finding)>,
    capped: bool,
}

impl Summary {
    fn add(&mut self, task: &ScheduledTask, result: Result<Vec<DateTime<Utc>>, String>) {
        match result {
            Ok(instants) if instants.is_empty() => {}
            Ok(instants) => {
                self.capped |= instants.len() == OCCURRENCES_MAX;
                self.tasks.push((task.title.clone(), instants.len()));
                self.instants.extend(instants);
            }
            Err(e) => {
                let summary = format!("invalid schedule of task '{}': {e}", task.title);
                let finding = Finding::new(&format!("broken.{}", task.id), SYSTEM, Status::Warn, summary)
                    .hint(format!("ordctl task show {}", task.id));
                self.broken.push((task.title.clone(), finding));
            }
        }
    }

    fn findings(&mut self, day: Day, queued: &QueuedWork) -> Vec<Finding> {
        self.tasks.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let (runs, tasks) = (self.instants.len() as f64, self.tasks.len() as f64);
        let at_least = if self.capped { "at least " } else { "" };
        let mut summary = format!(
            "Scheduled for {}: {at_least}{} of {}",
            day.date,
            counted(runs, "run"),
            counted(tasks, "task")
        );
        if runs == 0.0 {
            summary = format!("Scheduled for {}: no runs", day.date);
        }
        let most: Vec<_> = self
            .tasks
            .iter()
            .take(LISTED_MAX)
            .map(|(title, runs)| json!({ "task": title, "runs": runs }))
            .collect();
        let all = Finding::measured("scheduled", SYSTEM, summary, runs, Some("runs"), Threshold::NONE)
            .details(json!({ "most": most }))
            .series(by_hour(day, &self.instants));
        let rows = format!(
            "Already queued for that day: {} of {}",
            counted(queued.rows as f64, "run"),
            counted(queued.tasks as f64, "task")
        );
        let rows =
            Finding::measured("queued", SYSTEM, rows, queued.rows as f64, Some("items"), Threshold::NONE);
        let mut findings = vec![all, rows];
        findings.extend(self.broken.iter().take(LISTED_MAX).map(|(_, finding)| finding.clone()));
        if self.broken.len() > LISTED_MAX {
            let summary = format!("Invalid schedules: {} more", self.broken.len() - LISTED_MAX);
            findings.push(Finding::new("broken", SYSTEM, Status::Warn, summary).hint("ordctl task list"));
        }
        findings
    }
}

/// Occurrences per hour of the day.
fn by_hour(day: Day, instants: &[DateTime<Utc>]) -> Series {
    let mut points = Vec::new();
    let mut at = day.begin;
    while at < day.end {
        let next = at + TimeDelta::hours(1);
        let within = instants.iter().filter(|i| **i >= at && **i < next).count();
        points.push(Point { at, value: within as f64 });
        at = next;
    }
    Series::new(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(kind: &str, expr: &str, timezone: &str) -> ScheduledTask {
        let (kind, expr, timezone) = (kind.to_owned(), expr.to_owned(), timezone.to_owned());
        let created_at = "2026-01-01T00:00:00Z".parse().unwrap();
        ScheduledTask { id: "1".into(), title: "one".into(), kind, expr, timezone, created_at }
    }

    fn count_of(task: &ScheduledTask, snoozed_until: Option<&str>) -> Result<usize, String> {
        let zone = chrono_tz::Europe::Chisinau;
        // The day from 2026-01-10T22:00Z to 2026-01-11T22:00Z, a Sunday.
        let day = Day::of(zone, "2026-01-10T10:00:00Z".parse().unwrap()).next(zone);
        occurrences(task, snoozed_until.map(|a| a.parse().unwrap()), day).map(|o| o.len())
    }

    #[test]
    fn tomorrow_is_the_next_day_in_the_configured_zone() {
        let utc = |kind, expr| count_of(&task(kind, expr, "UTC"), None).unwrap();
        assert_eq!(utc("cron", "*/5 * * * *"), 288);
        assert_eq!(utc("cron", "* * * * *"), 1440);
        assert_eq!(utc("cron", "0 0 * * 1"), 0, "Monday starts two hours after the day ends");
        assert_eq!(utc("cron", "30 23 10 * *"), 1, "23:30 UTC of the 10th is the 11th in Chisinau");
        assert_eq!(utc("cron", "30 23 11 * *"), 0);
        assert_eq!(utc("cron", "0 22 * * *"), 1, "the day includes its first instant and excludes its end");
        assert_eq!(utc("once", "2026-01-11T21:59:59Z"), 1);
        assert_eq!(utc("once", "2026-01-11T22:00:00Z"), 0);
        assert_eq!(utc("rrule", "FREQ=HOURLY;INTERVAL=2"), 12);
        assert_eq!(count_of(&task("cron", "0 0 * * *", "Europe/Chisinau"), None).unwrap(), 1);
    }

    #[test]
    fn snoozed_occurrences_are_not_counted_and_dense_schedules_are_capped() {
        let hourly = task("cron", "0 * * * *", "UTC");
        assert_eq!(count_of(&hourly, Some("2026-01-11T12:00:00Z")).unwrap(), 9);
        assert_eq!(count_of(&hourly, Some("2026-02-01T00:00:00Z")).unwrap(), 0);
        assert_eq!(count_of(&hourly, Some("2026-01-01T00:00:00Z")).unwrap(), 24);
        assert_eq!(count_of(&task("rrule", "FREQ=SECONDLY", "UTC"), None).unwrap(), OCCURRENCES_MAX);
    }

    #[test]
    fn an_invalid_schedule_is_an_error() {
        for (kind, expr, zone) in
            [("cron", "99 * * * *", "UTC"), ("cron", "* * * * *", "Mars/Phobos"), ("event", "x", "UTC")]
        {
            assert!(count_of(&task(kind, expr, zone), None).is_err(), "{kind} {expr} {zone}");
        }
    }
}
