//! Converts an expression of Ordinaut's to a schedule that means the same to ordctl.
//!
//! A cron expression with names of weekdays, where one exists; else an RRULE, whose parts all must match as in
//! APScheduler. That is the case with `last`, and if both day fields are restricted.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::fields::{DAY_OF_MONTH, DAY_OF_WEEK, DAYS, Values};
use super::{LISTED, build, first_difference, next};
use crate::engine::schedule::cron::Cron;
use crate::engine::schedule::{Schedule, ScheduleKind};

/// A schedule for ordctl.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conversion {
    pub kind: ScheduleKind,
    pub expr: String,
}

pub(super) fn convert(
    expr: &str,
    fields: &[Values; 5],
    theirs: &Cron,
    now: DateTime<Utc>,
) -> Result<Conversion, String> {
    let day = now.date_naive();
    let rendered: Vec<String> = fields.iter().enumerate().map(|(place, v)| render(place, v)).collect();
    // The author's text of the other fields stays if it means the same.
    let mut kept: Vec<String> = expr.split_whitespace().map(str::to_owned).collect();
    kept.truncate(DAY_OF_WEEK);
    kept.push(rendered[DAY_OF_WEEK].clone());
    // ordctl's cron has no last day of the month.
    let candidates =
        if fields[DAY_OF_MONTH].last { vec![] } else { vec![kept.join(" "), rendered.join(" ")] };
    for candidate in candidates {
        let ours = Cron::parse(&candidate, chrono_tz::UTC);
        if ours.is_ok_and(|ours| first_difference(theirs, &ours, day).is_none()) {
            return Ok(Conversion { kind: ScheduleKind::Cron, expr: candidate });
        }
    }
    rule(expr, fields, now)
}

/// RRULE excludes dates without an occurrence; the check rejects a rule that the engine cannot follow.
fn rule(expr: &str, fields: &[Values; 5], now: DateTime<Utc>) -> Result<Conversion, String> {
    let [minutes, hours, days, months, weekdays] = fields;
    let numbers = |values: &Values| {
        let last = values.last.then(|| "-1".to_owned());
        values.set.iter().map(u32::to_string).chain(last).collect::<Vec<_>>().join(",")
    };
    let mut rule = "FREQ=MONTHLY".to_owned();
    if !months.is_full {
        rule.push_str(&format!(";BYMONTH={}", numbers(months)));
    }
    rule.push_str(&format!(";BYMONTHDAY={}", numbers(days)));
    if !weekdays.is_full {
        let names = weekdays.set.iter().filter_map(|n| DAYS.get(*n as usize));
        let names: Vec<String> = names.map(|name| name[..2].to_ascii_uppercase()).collect();
        rule.push_str(&format!(";BYDAY={}", names.join(",")));
    }
    rule.push_str(&format!(";BYHOUR={};BYMINUTE={};BYSECOND=0", numbers(hours), numbers(minutes)));
    let none = || format!("no RRULE that ordctl can follow has its dates ({rule})");
    // In UTC, where no DST change makes the instants differ.
    let wanted = build(expr, fields, chrono_tz::UTC).map(|cron| next(&cron, now)).map_err(|_| none())?;
    let anchor = now - TimeDelta::days(1);
    let schedule = Schedule::parse(ScheduleKind::Rrule, &rule, chrono_tz::UTC, anchor).map_err(|_| none())?;
    let following = |at: &DateTime<Utc>| schedule.after(*at).ok().flatten();
    let found: Vec<_> = std::iter::successors(following(&now), following).take(LISTED).collect();
    if found == wanted { Ok(Conversion { kind: ScheduleKind::Rrule, expr: rule }) } else { Err(none()) }
}

/// The values of a field, with runs as ranges and weekdays by name.
fn render(place: usize, values: &Values) -> String {
    if values.is_full {
        return "*".to_owned();
    }
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for n in &values.set {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == *n => *end = *n,
            _ => runs.push((*n, *n)),
        }
    }
    let name = |n: u32| match DAYS.get(n as usize) {
        Some(name) if place == DAY_OF_WEEK => (*name).to_owned(),
        _ => n.to_string(),
    };
    let run = |(begin, end): (u32, u32)| match end - begin {
        0 => name(begin),
        1 => format!("{},{}", name(begin), name(end)),
        _ => format!("{}-{}", name(begin), name(end)),
    };
    runs.into_iter().map(run).collect::<Vec<_>>().join(",")
}
