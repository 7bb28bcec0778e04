//! `task snooze`: postpones the work of a task.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde_json::Value;

use super::Context;
use super::act::{ActFlags, act};
use super::task_session::{TaskSession, task_error};
use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::short_time::short_time;
use crate::base::typed;
use crate::base::units::{Span, counted};
use crate::engine::schedule::Schedule;
use crate::model::{Consented, ScheduleKind, Task, TaskStatus};
use crate::render::stdio;
use crate::runbook::Change;

/// As in the API.
const MAX_SECONDS: u64 = 604_800;

#[derive(Debug, Args)]
pub(crate) struct Snooze {
    /// Id of the task, the start of its id, or its title
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    task: String,
    /// Postpone by this long, from 1s to 7d
    #[arg(long = "for", value_name = "DURATION", value_parser = delay)]
    delay: Span,
    #[command(flatten)]
    act: ActFlags,
}

/// Whole seconds.
fn delay(text: &str) -> Result<Span, String> {
    let span = typed::span(text)?;
    match span.duration() {
        time if time.subsec_nanos() == 0 && (1..=MAX_SECONDS).contains(&time.as_secs()) => Ok(span),
        _ => Err("must be 1s to 7d, in whole seconds".to_owned()),
    }
}

/// What the change does to the work and to the schedule of a task, as the statement in `task_snooze.sql` does it.
fn effect(task: &Task, state: &Value, delay: Span, now: DateTime<Utc>, zone: Tz) -> String {
    let queued = format!("Postpone queued work by {delay}");
    let later = TimeDelta::from_std(delay.duration()).unwrap_or_default();
    let stored = |key: &str| state[key].as_str()?.parse::<DateTime<Utc>>().ok();
    let text = |at| short_time(at, now, zone);
    match task.schedule_kind {
        ScheduleKind::Once => match stored("next_at").filter(|_| task.status != TaskStatus::Canceled) {
            Some(at) => format!("{queued}; the occurrence moves to {}", text(at + later)),
            None => queued,
        },
        // Only an active task has a schedule that moves.
        _ if task.status != TaskStatus::Active => queued,
        ScheduleKind::Event => queued,
        ScheduleKind::Condition => {
            format!("{queued}; the condition is not evaluated before {}", text(now + later))
        }
        ScheduleKind::Cron | ScheduleKind::Rrule => {
            let until = stored("cursor_at").map_or(now + later, |cursor| cursor.max(now + later));
            match next_after(task, until) {
                Some(next) => {
                    format!("{queued}; no occurrence before {}, the next is {}", text(until), text(next))
                }
                None => format!("{queued}; no occurrence before {}, and none after it", text(until)),
            }
        }
    }
}

/// None also for a schedule that is not valid: it has no occurrence.
fn next_after(task: &Task, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let (zone, created) = (task.timezone.parse().ok()?, task.created_at.parse().ok()?);
    let expr = task.schedule_expr.as_deref().unwrap_or_default();
    Schedule::parse(task.schedule_kind, expr, zone, created).ok()?.after(until).ok()?
}

impl Snooze {
    pub(super) async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let task = session.find(&self.task).await?;
        let (title, id) = (&task.title, task.id);
        let seconds = i64::try_from(self.delay.duration().as_secs()).unwrap_or_default();
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            let snoozed = session.tasks.snooze(id, seconds, &actor).await.map_err(task_error)?;
            session.notify_nodes().await;
            Ok(snoozed)
        };
        let state = session.schedule(id).await?;
        let zone = context.settings().time_zone;
        let call = format!("query engine/api/task_snooze (id = {id}, seconds = {seconds})");
        let mut change = Change::single("task snooze", format!("Snooze task '{title}'"), vec![call]);
        for step in &mut change.steps {
            step.title = effect(&task, &state, self.delay, Utc::now(), zone);
        }
        let Some(snoozed) = act(context, &session.tasks.executor, change, &self.act, apply).await? else {
            return Ok(exit::OK);
        };
        let title = clean(title);
        let moved = counted(snoozed.moved as f64, "queued occurrence");
        match (snoozed.moved, snoozed.postponed) {
            (0, false) => {
                stdio::note(&format!("task '{title}' has no queued work and no schedule to postpone"));
                return Ok(exit::WARNING);
            }
            (0, true) => stdio::note(&format!("task '{title}' is snoozed for {}", self.delay)),
            _ => stdio::note(&format!("task '{title}' is snoozed for {}, {moved} postponed", self.delay)),
        }
        Ok(exit::OK)
    }
}
