//! Schedules: computes the next occurrence of a `cron`, `rrule` or `once` expression.
//!
//! # Guarantees
//!
//! * Functions are pure: the same schedule, zone, anchor and instant give the same result on every node.
//! * Occurrences are strictly increasing. None means that there are no more.
//! * Wall-clock times stay fixed across DST changes. In an overlap an occurrence happens once, at the
//!   first of the two instants. In a gap it happens at the end of the gap (cron) or at the offset before
//!   the gap (rrule and once, RFC 5545 §3.3.5). Interval forms of cron follow elapsed time; see `cron`.
//! * Searches are bounded; an occurrence beyond the bound is an error.

mod cron;
mod due;
mod once;
mod rrule;
mod rule;
pub mod upstream;
mod zone;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::base::cli_error::CliError;

pub use crate::model::{CatchUp, ScheduleKind};
pub use due::{Due, MAX, due};
pub(crate) use once::GRACE as ONCE_GRACE;

/// Why a schedule is invalid or has no occurrence within the search bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScheduleError {
    message: String,
}

impl ScheduleError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    pub(crate) fn into_cli_error(self) -> CliError {
        CliError::usage(self.message)
    }
}

/// A valid schedule.
#[derive(Clone, Debug)]
pub struct Schedule(Rule);

#[derive(Clone, Debug)]
enum Rule {
    Cron(Box<cron::Cron>),
    Rrule(Box<rrule::Rrule>),
    Once(DateTime<Utc>),
}

impl Schedule {
    /// `anchor` replaces a missing DTSTART of an rrule: the task's `created_at`.
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
                return Err(ScheduleError::new(format!("schedule kind {kind} has no occurrences")));
            }
        }))
    }

    /// The first occurrence strictly after an instant; None when there are no more.
    pub fn after(&self, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, ScheduleError> {
        match &self.0 {
            Rule::Cron(cron) => cron.after(after).map(Some),
            Rule::Rrule(rrule) => rrule.after(after),
            Rule::Once(at) => Ok((*at > after).then_some(*at)),
        }
    }
}
