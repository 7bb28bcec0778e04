//! `rrule`: RFC 5545 recurrences, with DTSTART, RRULE, RDATE and EXDATE.
//!
//! The rule is expanded on wall-clock times as if they were UTC, then converted to the zone: the first
//! instant in an overlap, the offset before the gap in a gap (§3.3.5). A rule without COUNT is expanded
//! from shortly before the requested instant: its start moves forward by a whole number of intervals,
//! which keeps its phase.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rrule::{Frequency, RRuleSet};

use super::ScheduleError;
use super::rule::Rule;
use super::zone::{Gap, change, instant, offset, wall};

/// Maximum occurrences skipped in one search.
const PASSED_MAX: usize = 100_000;
/// Longer than any offset change.
const MARGIN: TimeDelta = TimeDelta::hours(25);
/// Maximum lines and dates of an expression.
const PARTS_MAX: usize = 1_000;

#[derive(Clone, Debug)]
pub(crate) struct Rrule {
    zone: Tz,
    start: NaiveDateTime,
    rules: Vec<Rule>,
    dates: Vec<NaiveDateTime>,
    except: Vec<NaiveDateTime>,
}

impl Rrule {
    /// Without DTSTART the recurrence starts at the anchor.
    pub(crate) fn parse(expr: &str, zone: Tz, anchor: DateTime<Utc>) -> Result<Self, ScheduleError> {
        let mut all = Self {
            zone,
            start: NaiveDateTime::MIN,
            rules: Vec::new(),
            dates: Vec::new(),
            except: Vec::new(),
        };
        let mut start = None;
        let lines: Vec<&str> = expr.split(['\n', '\r']).map(str::trim).filter(|l| !l.is_empty()).collect();
        if lines.len() > PARTS_MAX {
            return Err(ScheduleError::new("too many lines (maximum 1000)"));
        }
        // The zone of DTSTART applies to all other lines.
        for line in lines.iter().filter(|l| upper(l).starts_with("DTSTART")) {
            let (zone, mut walls) = dates(line, zone)?;
            all.zone = zone;
            start = walls.pop();
        }
        let rules = all.read_lines(&lines)?;
        if rules.is_empty() && all.dates.is_empty() {
            return Err(ScheduleError::new("it has no RRULE and no RDATE"));
        }
        if all.dates.len() + all.except.len() > PARTS_MAX {
            return Err(ScheduleError::new("too many dates (maximum 1000)"));
        }
        let anchored = wall(all.zone, anchor);
        all.start = truncate_to_seconds(start.unwrap_or(anchored));
        for rule in rules {
            let rule = Rule::parse(&rule, all.zone)?;
            rule.validated(all.start)?;
            all.rules.push(rule);
        }
        // Rejects rules without any occurrence.
        all.search(all.start - TimeDelta::seconds(1), DateTime::<Utc>::MIN_UTC)?
            .ok_or_else(|| ScheduleError::new("it has no occurrence"))?;
        Ok(all)
    }

    /// Reads every line except DTSTART. Returns the rules, and stores the dates.
    fn read_lines(&mut self, lines: &[&str]) -> Result<Vec<String>, ScheduleError> {
        let mut rules = Vec::new();
        for line in lines {
            let name = upper(line);
            if name.starts_with("DTSTART") {
            } else if name.starts_with("RDATE") {
                self.dates.extend(convert(dates(line, self.zone)?, self.zone));
            } else if name.starts_with("EXDATE") {
                self.except.extend(convert(dates(line, self.zone)?, self.zone));
            } else if let Some(rule) =
                name.strip_prefix("RRULE:").or(name.starts_with("FREQ").then_some(&name))
            {
                rules.push(rule.to_owned());
            } else {
                return Err(ScheduleError::new(format!(
                    "invalid line '{line}': expected DTSTART, RRULE, RDATE or EXDATE"
                )));
            }
        }
        Ok(rules)
    }

    /// The first occurrence strictly after an instant.
    pub(crate) fn after(&self, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, ScheduleError> {
        // Around an offset change, earlier wall-clock times can be later instants.
        self.search(wall(self.zone, after) - largest_change(self.zone, after), after)
    }

    /// The earliest instant after `after` among wall-clock times from `from` on.
    fn search(
        &self,
        from: NaiveDateTime,
        after: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, ScheduleError> {
        let counts = |time: &NaiveDateTime| {
            let at = instant(self.zone, *time, Gap::OffsetBefore);
            (at > after && !self.except.contains(time)).then_some(at)
        };
        let mut found = self.dates.iter().filter_map(counts).min();
        for rule in &self.rules {
            self.expand(rule, from, |time| {
                if let Some(at) = counts(&time) {
                    found = Some(found.map_or(at, |f| f.min(at)));
                }
                // Later wall-clock times are later instants, except in the hours around an offset change.
                found.is_some_and(|f| {
                    let clock = wall(self.zone, f);
                    time >= clock && (time > clock + MARGIN || largest_change(self.zone, f).is_zero())
                })
            })?;
        }
        Ok(found)
    }

    /// Passes a rule's wall-clock times from `from` on to `done` until it returns true.
    fn expand(
        &self,
        rule: &Rule,
        from: NaiveDateTime,
        mut done: impl FnMut(NaiveDateTime) -> bool,
    ) -> Result<(), ScheduleError> {
        let set = self.expansion(rule, from)?;
        let (mut last, mut counted) = (from, 0);
        for (passed, time) in (&set).into_iter().enumerate() {
            if passed >= PASSED_MAX {
                return Err(ScheduleError::new("no occurrence found within the search limit"));
            }
            let time = time.naive_utc();
            last = last.max(time);
            if rule.excludes(time.date()) {
                continue;
            }
            counted += 1;
            if (time >= from && done(time)) || rule.count == Some(counted) {
                return Ok(());
            }
        }
        // The library's iterator ends silently when it gives up; `all` reports it.
        let rest = set.after(utc(last + TimeDelta::seconds(1))).all(1);
        if rest.dates.is_empty() && rest.limited {
            return Err(ScheduleError::new("no occurrence found within the search limit"));
        }
        Ok(())
    }

    fn expansion(&self, rule: &Rule, from: NaiveDateTime) -> Result<RRuleSet, ScheduleError> {
        let start = if rule.count.is_some() { self.start } else { self.start_before(rule, from) };
        let valid = rule.validated(start).or_else(|_| rule.validated(self.start))?;
        Ok(RRuleSet::new(utc(start)).rrule(valid).limit())
    }

    /// The start, moved forward by whole intervals to shortly before `from`.
    fn start_before(&self, rule: &Rule, from: NaiveDateTime) -> NaiveDateTime {
        let unit = match rule.library.get_freq() {
            Frequency::Secondly => TimeDelta::seconds(1),
            Frequency::Minutely => TimeDelta::minutes(1),
            Frequency::Hourly => TimeDelta::hours(1),
            Frequency::Daily => TimeDelta::days(1),
            Frequency::Weekly => TimeDelta::weeks(1),
            // These have few occurrences.
            Frequency::Monthly | Frequency::Yearly => return self.start,
        };
        let step = i64::from(rule.library.get_interval().max(1)) * unit.num_seconds();
        let ahead = (from - self.start).num_seconds() - step;
        if ahead <= 0 {
            return self.start;
        }
        self.start + TimeDelta::seconds(ahead / step * step)
    }
}

/// The largest offset change in the days around an instant; zero if there is none.
fn largest_change(zone: Tz, at: DateTime<Utc>) -> TimeDelta {
    let (mut begin, end) = (at - TimeDelta::hours(38), at + TimeDelta::hours(38));
    let mut largest = TimeDelta::zero();
    while let Some(changed) = change(zone, begin, end) {
        largest = largest.max((offset(zone, changed) - offset(zone, begin)).abs());
        begin = changed;
    }
    largest
}

fn upper(line: &str) -> String {
    line.to_ascii_uppercase()
}

fn truncate_to_seconds(time: NaiveDateTime) -> NaiveDateTime {
    time - TimeDelta::nanoseconds(time.and_utc().timestamp_subsec_nanos().into())
}

pub(super) fn utc(time: NaiveDateTime) -> DateTime<rrule::Tz> {
    time.and_utc().with_timezone(&rrule::Tz::UTC)
}

fn dates(line: &str, zone: Tz) -> Result<(Tz, Vec<NaiveDateTime>), ScheduleError> {
    let (head, values) = line
        .split_once([':', '='])
        .filter(|(h, _)| !h.contains(';'))
        .or_else(|| line.rsplit_once(':'))
        .ok_or_else(|| ScheduleError::new(format!("invalid line '{line}': expected NAME:DATE")))?;
    let mut zone = zone;
    for parameter in head.split(';').skip(1) {
        if let Some((name, value)) = parameter.split_once('=')
            && name.eq_ignore_ascii_case("TZID")
        {
            zone = value.parse().map_err(|_| ScheduleError::new(format!("unknown time zone '{value}'")))?;
        }
    }
    let mut walls = Vec::new();
    for value in values.split(',') {
        let (given, time) = moment(value.trim(), zone)?;
        zone = given;
        walls.push(time);
    }
    Ok((zone, walls))
}

/// A date or date-time in RFC 5545's basic form; with `Z` it is in UTC.
pub(super) fn moment(value: &str, zone: Tz) -> Result<(Tz, NaiveDateTime), ScheduleError> {
    let bad =
        || ScheduleError::new(format!("invalid time '{value}': expected a form such as 20260329T023000"));
    let (text, zone) = value.strip_suffix(['Z', 'z']).map_or((value, zone), |text| (text, Tz::UTC));
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y%m%d") {
        return date.and_hms_opt(0, 0, 0).map(|t| (zone, t)).ok_or_else(bad);
    }
    let time =
        NaiveDateTime::parse_from_str(&text.to_ascii_uppercase(), "%Y%m%dT%H%M%S").map_err(|_| bad())?;
    // Outside these years, date arithmetic can overflow.
    let year = chrono::Datelike::year(&time);
    if (1900..=9000).contains(&year) { Ok((zone, time)) } else { Err(bad()) }
}

/// Converts wall-clock times from one zone to another.
fn convert((from, walls): (Tz, Vec<NaiveDateTime>), to: Tz) -> Vec<NaiveDateTime> {
    let convert_one = |time: NaiveDateTime| {
        if from == to { time } else { wall(to, instant(from, time, Gap::OffsetBefore)) }
    };
    walls.into_iter().map(convert_one).collect()
}
