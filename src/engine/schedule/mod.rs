//! Schedules: when does a task's next occurrence come?
//!
//! # The promises
//!
//! * Pure functions: the same schedule, zone, anchor and instant give the same answer on every node.
//! * Answers grow strictly and never repeat; None means never again.
//! * Wall-clock times stay fixed through a change of offset: in an overlap an occurrence comes once,
//!   at the first of the two instants; what falls into a gap comes at the gap's end (cron), or by the
//!   offset before the gap (rrule and once, RFC 5545 §3.3.5). Interval forms of cron follow elapsed
//!   time instead; see `cron`.
//! * No expression keeps the caller waiting: searches are bounded, and what is not found within
//!   the bound is an error.

mod cron;
mod due;
mod once;
mod rrule;
mod zone;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::base::cli_error::CliError;

pub use crate::model::{CatchUp, ScheduleKind};
pub use due::{Due, MAX, due};

/// A schedule that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScheduleError {
    message: String,
}

impl ScheduleError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// As a fault of the command line.
    pub(crate) fn fault(self) -> CliError {
        CliError::usage(self.message)
    }
}

/// A schedule that was read and can be followed.
#[derive(Clone, Debug)]
pub struct Schedule(Rule);

#[derive(Clone, Debug)]
enum Rule {
    Cron(Box<cron::Cron>),
    Rrule(Box<rrule::Rrule>),
    Once(DateTime<Utc>),
}

impl Schedule {
    /// Reads an expression. `anchor` is where an rrule without DTSTART begins: the task's
    /// `created_at`.
    pub fn parse(
        kind: ScheduleKind,
        expr: &str,
        zone: Tz,
        anchor: DateTime<Utc>,
    ) -> Result<Self, ScheduleError> {
        Ok(Self(match kind {
            ScheduleKind::Cron => Rule::Cron(Box::new(cron::Cron::parse(expr, zone)?)),
            ScheduleKind::Rrule => Rule::Rrule(Box::new(rrule::Rrule::parse(expr, zone, anchor)?)),
            ScheduleKind::Once => Rule::Once(once::parse(expr, zone)?),
            ScheduleKind::Event | ScheduleKind::Condition => {
                return Err(ScheduleError::new(format!("a schedule of kind {kind} has no times")));
            }
        }))
    }

    /// The first occurrence strictly after an instant; None: never again.
    pub fn after(&self, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, ScheduleError> {
        match &self.0 {
            Rule::Cron(cron) => cron.after(after).map(Some),
            Rule::Rrule(rrule) => rrule.after(after),
            Rule::Once(at) => Ok((*at > after).then_some(*at)),
        }
    }
}
