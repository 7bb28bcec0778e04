//! `--since` and `--until` of the commands that list what happened.

use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;
use clap::Args;

use crate::base::cli_error::CliError;
use crate::base::moment::Moment;
use crate::base::typed;

#[derive(Debug, Args)]
pub(crate) struct Period {
    /// Only since 1h (ago), yesterday, 14:00 or a date
    #[arg(long, value_name = "WHEN", value_parser = typed::moment)]
    since: Option<Moment>,
    /// Only before this time
    #[arg(long, value_name = "WHEN", value_parser = typed::moment)]
    until: Option<Moment>,
}

/// From `since` on and before `until`; None has no limit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Interval {
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) until: Option<DateTime<Utc>>,
}

impl Period {
    pub(crate) fn interval(&self, now: DateTime<Utc>, zone: Tz) -> Result<Interval, CliError> {
        let [since, until] = [self.since, self.until].map(|m| m.map(|moment| moment.instant(now, zone)));
        if let (Some(since), Some(until)) = (since, until)
            && until <= since
        {
            return Err(CliError::usage(format!(
                "--until ({}) must be after --since ({})",
                local(until, zone),
                local(since, zone)
            )));
        }
        Ok(Interval { since, until })
    }
}

impl Interval {
    pub(crate) fn is_all(self) -> bool {
        self.since.is_none() && self.until.is_none()
    }

    /// `from 2026-11-28 00:00 until 2026-11-29 00:00`
    pub(crate) fn text(self, zone: Tz) -> Option<String> {
        let from = self.since.map(|at| format!("from {}", local(at, zone)));
        let until = self.until.map(|at| format!("until {}", local(at, zone)));
        let parts: Vec<String> = from.into_iter().chain(until).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

fn local(at: DateTime<Utc>, zone: Tz) -> String {
    let at = at.with_timezone(&zone);
    at.format(if at.second() == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
}
