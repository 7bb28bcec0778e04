//! Stand-in until the branch with schedules is merged.
#![allow(missing_docs)]
use chrono::{DateTime, Utc};
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind { Cron, Rrule, Once }
impl std::str::FromStr for Kind { type Err = String; fn from_str(s: &str) -> Result<Self, String> { match s { "cron" => Ok(Self::Cron), "rrule" => Ok(Self::Rrule), "once" => Ok(Self::Once), o => Err(o.into()) } } }
#[derive(Clone, Debug)]
pub struct Schedule(DateTime<Utc>);
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ScheduleError(String);
impl Schedule { pub fn parse(_: Kind, expr: &str, _: chrono_tz::Tz, _: DateTime<Utc>) -> Result<Self, ScheduleError> { expr.parse().map(Self).map_err(|_| ScheduleError("no".into())) }
 pub fn after(&self, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, ScheduleError> { Ok((self.0 > after).then_some(self.0)) } }
#[derive(Clone, Copy, Debug, Default)]
pub enum CatchUp { Skip, #[default] Once, All }
impl std::str::FromStr for CatchUp { type Err = String; fn from_str(_: &str) -> Result<Self, String> { Ok(Self::Once) } }
#[derive(Clone, Debug)]
pub struct Due { pub occurrences: Vec<DateTime<Utc>>, pub skipped: u64, pub cursor: DateTime<Utc>, pub next: Option<DateTime<Utc>> }
pub fn due(s: &Schedule, cursor: DateTime<Utc>, now: DateTime<Utc>, _: CatchUp) -> Result<Due, ScheduleError> { let d = s.0 > cursor && s.0 <= now; Ok(Due { occurrences: if d { vec![s.0] } else { vec![] }, skipped: 0, cursor: now, next: s.after(now)? }) }
