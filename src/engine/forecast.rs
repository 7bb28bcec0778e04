//! The tool `check.schedule`: what comes tomorrow, computed from the schedules themselves.
//!
//! It stands here and not among the other checks because what tells a schedule's instants is the
//! engine's, and must not be told twice: the report and the scheduler ask the same functions.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::schedule::{Schedule, ScheduleError, ScheduleKind};
use crate::base::day::Day;
use crate::base::units::count;
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Point, Series, Status, Threshold, UnknownKeyword};
use crate::pipeline::{Output, Tool, ToolContext, ToolError};
use crate::store::queue::QueuedWork;
use crate::store::schedules::ScheduledTask;

/// So many occurrences of one task are counted at most: those of each minute of the longest day.
const MOST: usize = 1500;
/// So many schedules that cannot be followed are named, and so many tasks are in the details.
const NAMED: usize = 5;

pub(crate) struct Forecast;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

/// What is to come.
#[derive(Debug, Serialize)]
pub(crate) struct Tomorrow {
    /// The day, in the configured time zone.
    pub(crate) date: String,
    /// Occurrences of all schedules.
    pub(crate) occurrences: usize,
    /// Tasks that have one at least.
    pub(crate) tasks: usize,
    /// Rows of due work that are queued for the day already.
    pub(crate) queued: u64,
    /// Tasks whose schedule cannot be followed.
    pub(crate) broken: Vec<String>,
}

impl Tool for Forecast {
    type Params = Params;
    type Result = Tomorrow;

    const NAME: &'static str = "check.schedule";
    const HELP: &'static str = "Forecast tomorrow's runs from the schedules and the queue";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Tomorrow>, ToolError> {
        let store = ctx.store()?;
        let zone = ctx.settings.time_zone;
        let day = Day::of(zone, ctx.clock.now()).next(zone);
        let tasks = store.active_schedules().await?;
        let snoozed = store.snoozed_tasks().await?;
        let snoozed: HashMap<String, DateTime<Utc>> = snoozed.into_iter().map(|s| (s.id, s.until)).collect();
        let queued = store.queued_between(day.begin, day.end).await?;
        let mut found = Found::default();
        for task in &tasks {
            found.add(task, occurrences(task, snoozed.get(&task.id).copied(), day));
            // A step's time-out ends this between two tasks.
            tokio::task::yield_now().await;
        }
        let findings = found.findings(day, &queued);
        let tomorrow = Tomorrow {
            date: day.date.to_string(),
            occurrences: found.instants.len(),
            tasks: found.tasks.len(),
            queued: queued.rows,
            broken: found.broken.iter().map(|(task, _)| task.clone()).collect(),
        };
        Ok(Output::new(findings, tomorrow))
    }
}

/// The occurrences of a task within a day, [`MOST`] at most.
fn occurrences(
    task: &ScheduledTask,
    ahead: Option<DateTime<Utc>>,
    day: Day,
) -> Result<Vec<DateTime<Utc>>, String> {
    let text = |e: ScheduleError| e.to_string();
    let kind: ScheduleKind = task.kind.parse().map_err(|e: UnknownKeyword| e.to_string())?;
    let zone = task.timezone.parse().map_err(|_| format!("there is no time zone '{}'", task.timezone))?;
    let schedule = Schedule::parse(kind, &task.expr, zone, task.created_at).map_err(text)?;
    // Occurrences come strictly after an instant, and the day's first instant belongs to the day.
    let before = day.begin - TimeDelta::microseconds(1);
    let mut at = ahead.map_or(before, |until| until.max(before));
    let mut found = Vec::new();
    while found.len() < MOST
        && let Some(next) = schedule.after(at).map_err(text)?.filter(|next| *next < day.end)
    {
        found.push(next);
        at = next;
    }
    Ok(found)
}

#[derive(Default)]
struct Found {
    instants: Vec<DateTime<Utc>>,
    /// Title and number, of tasks that have an occurrence.
    tasks: Vec<(String, usize)>,
    broken: Vec<(String, Finding)>,
    capped: bool,
}

impl Found {
    fn add(&mut self, task: &ScheduledTask, result: Result<Vec<DateTime<Utc>>, String>) {
        match result {
            Ok(instants) if instants.is_empty() => {}
            Ok(instants) => {
                self.capped |= instants.len() == MOST;
                self.tasks.push((task.title.clone(), instants.len()));
                self.instants.extend(instants);
            }
            Err(e) => {
                let summary = format!("the schedule of '{}' cannot be followed: {e}", task.title);
                let finding = Finding::new(&format!("broken.{}", task.id), SYSTEM, Status::Warn, summary)
                    .hint(format!("ordctl task show {}", task.id));
                self.broken.push((task.title.clone(), finding));
            }
        }
    }

    fn findings(&mut self, day: Day, queued: &QueuedWork) -> Vec<Finding> {
        self.tasks.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let (runs, tasks) = (self.instants.len() as f64, self.tasks.len() as f64);
        let least = if self.capped { "at least " } else { "" };
        let mut summary =
            format!("scheduled for {}: {least}{} runs of {} tasks", day.date, count(runs), count(tasks));
        if runs == 0.0 {
            summary = format!("nothing is scheduled for {}", day.date);
        }
        let most: Vec<_> = self
            .tasks
            .iter()
            .take(NAMED)
            .map(|(title, runs)| json!({ "task": title, "runs": runs }))
            .collect();
        let all = Finding::measured("scheduled", SYSTEM, summary, runs, Some("runs"), Threshold::NONE)
            .details(json!({ "most": most }))
            .series(by_hour(day, &self.instants));
        let rows = format!(
            "queued for it already: {} of {} tasks",
            count(queued.rows as f64),
            count(queued.tasks as f64)
        );
        let rows =
            Finding::measured("queued", SYSTEM, rows, queued.rows as f64, Some("items"), Threshold::NONE);
        let mut findings = vec![all, rows];
        findings.extend(self.broken.iter().take(NAMED).map(|(_, finding)| finding.clone()));
        if self.broken.len() > NAMED {
            let summary = format!("and {} more schedules cannot be followed", self.broken.len() - NAMED);
            findings.push(Finding::new("broken", SYSTEM, Status::Warn, summary).hint("ordctl task list"));
        }
        findings
    }
}

/// How many occurrences each hour of the day has.
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

    fn number(task: &ScheduledTask, ahead: Option<&str>) -> Result<usize, String> {
        let zone = chrono_tz::Europe::Chisinau;
        // The day from 2026-01-10T22:00Z to 2026-01-11T22:00Z, a Sunday.
        let day = Day::of(zone, "2026-01-10T10:00:00Z".parse().unwrap()).next(zone);
        occurrences(task, ahead.map(|a| a.parse().unwrap()), day).map(|o| o.len())
    }

    #[test]
    fn tomorrow_is_the_day_of_the_configured_zone_whatever_the_tasks() {
        let utc = |kind, expr| number(&task(kind, expr, "UTC"), None).unwrap();
        assert_eq!(utc("cron", "*/5 * * * *"), 288);
        assert_eq!(utc("cron", "* * * * *"), 1440);
        assert_eq!(utc("cron", "0 0 * * 1"), 0, "Monday begins two hours after the day has ended");
        assert_eq!(utc("cron", "30 23 10 * *"), 1, "23:30 UTC of the 10th is the 11th in Chisinau");
        assert_eq!(utc("cron", "30 23 11 * *"), 0);
        assert_eq!(utc("cron", "0 22 * * *"), 1, "its first instant is its own, its last the next day's");
        assert_eq!(utc("once", "2026-01-11T21:59:59Z"), 1);
        assert_eq!(utc("once", "2026-01-11T22:00:00Z"), 0);
        assert_eq!(utc("rrule", "FREQ=HOURLY;INTERVAL=2"), 12);
        assert_eq!(number(&task("cron", "0 0 * * *", "Europe/Chisinau"), None).unwrap(), 1);
    }

    #[test]
    fn what_a_snooze_skips_is_not_counted_and_a_dense_schedule_is_cut_short() {
        let hourly = task("cron", "0 * * * *", "UTC");
        assert_eq!(number(&hourly, Some("2026-01-11T12:00:00Z")).unwrap(), 9);
        assert_eq!(number(&hourly, Some("2026-02-01T00:00:00Z")).unwrap(), 0);
        assert_eq!(number(&hourly, Some("2026-01-01T00:00:00Z")).unwrap(), 24);
        assert_eq!(number(&task("rrule", "FREQ=SECONDLY", "UTC"), None).unwrap(), MOST);
    }

    #[test]
    fn what_cannot_be_followed_is_an_error() {
        for (kind, expr, zone) in
            [("cron", "99 * * * *", "UTC"), ("cron", "* * * * *", "Mars/Phobos"), ("event", "x", "UTC")]
        {
            assert!(number(&task(kind, expr, zone), None).is_err(), "{kind} {expr} {zone}");
        }
    }
}
