//! `check.created_tasks`: tasks created per day, in the configured time zone.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::units::{Span, count, counted, period};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Threshold};
use crate::store::tasks::CreatedTasks;
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// Days in the summary; the details contain all of them.
const NAMED: usize = 7;

pub(crate) struct Created;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Count the tasks of this period.
    #[serde(default = "month")]
    pub(crate) since: Span,
}

const fn month() -> Span {
    Span::seconds(30 * 86_400)
}

impl Tool for Created {
    type Params = Params;
    type Result = Vec<CreatedTasks>;

    const NAME: &'static str = "check.created_tasks";
    const HELP: &'static str = "Count the tasks created per day";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<CreatedTasks>>, ToolError> {
        let back = TimeDelta::from_std(params.since.duration()).ok();
        let since = back.and_then(|back| ctx.clock.now().checked_sub_signed(back));
        let since =
            since.ok_or_else(|| ToolError::Params("check.created_tasks: since is too large".to_owned()))?;
        let days = ctx.store()?.tasks_created_by_day(since, ctx.settings.time_zone).await?;
        Ok(Output::new(vec![finding(&days, params.since)], days))
    }
}

fn finding(days: &[CreatedTasks], since: Span) -> Finding {
    let total = days.iter().map(|d| d.tasks as f64).sum();
    let newest = days.iter().take(NAMED).map(|d| format!("{} {}", d.day, count(d.tasks as f64)));
    let newest: Vec<String> = newest.collect();
    let days_named = match newest.is_empty() {
        true => String::new(),
        false => format!(", newest days: {}", newest.join(", ")),
    };
    let summary = format!("Tasks created: {} in {}{days_named}", counted(total, "task"), period(since));
    Finding::measured("", SYSTEM, summary, total, Some("tasks"), Threshold::NONE).details(json!(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_days_are_named() {
        let day = |n: u32| CreatedTasks { day: format!("2026-11-{n:02}"), tasks: i64::from(n) };
        let month = Span::seconds(30 * 86_400);
        assert_eq!(finding(&[], month).summary, "Tasks created: 0 tasks in 30 days");
        let days: Vec<_> = (1..=9).rev().map(day).collect();
        let found = finding(&days, month);
        assert_eq!(found.value, Some(45.0));
        let newest = "newest days: 2026-11-09 9, 2026-11-08 8";
        assert!(
            found.summary.starts_with(&format!("Tasks created: 45 tasks in 30 days, {newest}")),
            "{found:?}"
        );
        assert!(found.summary.ends_with("2026-11-03 3"), "{found:?}");
    }
}
