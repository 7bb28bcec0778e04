//! `rrule`: RFC 5545 recurrences, with DTSTART, RRULE, RDATE and EXDATE.
//!
//! The rule is unrolled on wall-clock times alone, as if they were UTC; the zone comes after: in an
//! overlap the first instant, in a gap the offset before it (§3.3.5). A rule without COUNT is
//! unrolled from close to where it is asked: its beginning is moved on by a whole number of
//! intervals, which keeps its phase.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rrule::{Frequency, RRule, RRuleSet, Unvalidated};

use super::ScheduleError;
use super::zone::{Gap, instant, wall};

/// So many occurrences are passed over in search of one.
const PASSED_MAX: usize = 50_000;
/// Lines and dates that an expression may have.
const PARTS_MAX: usize = 1_000;

/// A recurrence in its zone.
#[derive(Clone, Debug)]
pub struct Rrule {
    zone: Tz,
    start: NaiveDateTime,
    rules: Vec<RRule<Unvalidated>>,
    dates: Vec<NaiveDateTime>,
    except: Vec<NaiveDateTime>,
}

impl Rrule {
    /// Reads it. Without DTSTART it begins at the anchor.
    pub fn parse(expr: &str, zone: Tz, anchor: DateTime<Utc>) -> Result<Self, ScheduleError> {
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
            return Err(ScheduleError::new("it has too many lines"));
        }
        // The zone of DTSTART is the zone of everything else.
        for line in lines.iter().filter(|l| upper(l).starts_with("DTSTART")) {
            let (zone, mut walls) = dates(line, zone)?;
            all.zone = zone;
            start = walls.pop();
        }
        let mut rules = Vec::new();
        for line in lines {
            let name = upper(line);
            if name.starts_with("DTSTART") {
            } else if name.starts_with("RDATE") {
                all.dates.extend(moved(dates(line, all.zone)?, all.zone));
            } else if name.starts_with("EXDATE") {
                all.except.extend(moved(dates(line, all.zone)?, all.zone));
            } else if let Some(rule) =
                name.strip_prefix("RRULE:").or(name.starts_with("FREQ").then_some(&name))
            {
                rules.push(rule.to_owned());
            } else {
                return Err(ScheduleError::new(format!("'{line}' is none of DTSTART, RRULE, RDATE, EXDATE")));
            }
        }
        if rules.is_empty() && all.dates.is_empty() {
            return Err(ScheduleError::new("there is no RRULE in it"));
        }
        if all.dates.len() + all.except.len() > PARTS_MAX {
            return Err(ScheduleError::new("it has too many dates"));
        }
        let anchored = wall(all.zone, anchor);
        all.start = whole(start.unwrap_or(anchored));
        for rule in rules {
            let rule = read(&rule, all.zone)?;
            rule.clone().validate(utc(all.start)).map_err(|e| ScheduleError::new(format!("RRULE: {e}")))?;
            all.rules.push(rule);
        }
        // What never comes is found out here.
        all.search(all.start - TimeDelta::seconds(1), DateTime::<Utc>::MIN_UTC)?
            .ok_or_else(|| ScheduleError::new("it never comes"))?;
        Ok(all)
    }

    /// The first occurrence strictly after an instant.
    pub fn after(&self, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, ScheduleError> {
        // By the offset before a gap a wall-clock time may come later than others that are later.
        let from = wall(self.zone, after) - TimeDelta::days(1) - TimeDelta::hours(2);
        self.search(from, after)
    }

    /// The earliest instant after `after` of a wall-clock time not before `from`.
    fn search(
        &self,
        from: NaiveDateTime,
        after: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, ScheduleError> {
        let mut found: Option<DateTime<Utc>> = None;
        let mut keep = |time: NaiveDateTime| {
            let at = instant(self.zone, time, Gap::OffsetBefore);
            if at > after && !self.except.contains(&time) && found.is_none_or(|f| at < f) {
                found = Some(at);
            }
            found
        };
        for date in &self.dates {
            keep(*date);
        }
        for rule in &self.rules {
            let set = self.unrolled(rule, from)?;
            let mut passed = 0;
            for time in &set {
                passed += 1;
                let time = time.naive_utc();
                let best = if time < from { None } else { keep(time) };
                // What comes a day later on the clock cannot come earlier.
                if best.is_some_and(|b| wall(self.zone, b) + TimeDelta::days(1) < time) {
                    break;
                }
                if best.is_some() && !near_change(self.zone, time) {
                    break;
                }
                if passed >= PASSED_MAX {
                    return Err(ScheduleError::new("no occurrence within reach"));
                }
            }
        }
        Ok(found)
    }

    fn unrolled(&self, rule: &RRule<Unvalidated>, from: NaiveDateTime) -> Result<RRuleSet, ScheduleError> {
        let start = if rule.get_count().is_some() { self.start } else { self.close_to(rule, from) };
        let valid = rule.clone().validate(utc(start));
        let valid = valid.or_else(|_| rule.clone().validate(utc(self.start)));
        let valid = valid.map_err(|e| ScheduleError::new(format!("RRULE: {e}")))?;
        Ok(RRuleSet::new(utc(start)).rrule(valid).limit())
    }

    /// The beginning, moved on by whole intervals to shortly before `from`.
    fn close_to(&self, rule: &RRule<Unvalidated>, from: NaiveDateTime) -> NaiveDateTime {
        let unit = match rule.get_freq() {
            Frequency::Secondly => TimeDelta::seconds(1),
            Frequency::Minutely => TimeDelta::minutes(1),
            Frequency::Hourly => TimeDelta::hours(1),
            Frequency::Daily => TimeDelta::days(1),
            Frequency::Weekly => TimeDelta::weeks(1),
            // There are few of these.
            Frequency::Monthly | Frequency::Yearly => return self.start,
        };
        let step = i64::from(rule.get_interval().max(1)) * unit.num_seconds();
        let ahead = (from - self.start).num_seconds() - step;
        if ahead <= 0 {
            return self.start;
        }
        self.start + TimeDelta::seconds(ahead / step * step)
    }
}

/// Whether the offset changes around a wall-clock time: there instants need not grow with it.
fn near_change(zone: Tz, time: NaiveDateTime) -> bool {
    let at = time.and_utc();
    super::zone::change(zone, at - TimeDelta::hours(38), at + TimeDelta::hours(38)).is_some()
}

fn upper(line: &str) -> String {
    line.to_ascii_uppercase()
}

fn whole(time: NaiveDateTime) -> NaiveDateTime {
    time - TimeDelta::nanoseconds(time.and_utc().timestamp_subsec_nanos().into())
}

fn utc(time: NaiveDateTime) -> DateTime<rrule::Tz> {
    time.and_utc().with_timezone(&rrule::Tz::UTC)
}

/// A rule whose UNTIL, if it has one, is a wall-clock time.
fn read(text: &str, zone: Tz) -> Result<RRule<Unvalidated>, ScheduleError> {
    let mut rest = Vec::new();
    let mut until = None;
    for part in text.split(';').filter(|p| !p.is_empty()) {
        match part.strip_prefix("UNTIL=") {
            Some(value) => {
                let (given, time) = moment(value, zone)?;
                let time = if value.len() == 8 { time + TimeDelta::seconds(86_399) } else { time };
                until = Some(if given == zone {
                    time
                } else {
                    wall(zone, instant(given, time, Gap::OffsetBefore))
                });
            }
            None => rest.push(part),
        }
    }
    let rule: RRule<Unvalidated> =
        rest.join(";").parse().map_err(|e| ScheduleError::new(format!("RRULE: {e}")))?;
    if rule.get_interval() == 0 {
        return Err(ScheduleError::new("RRULE: INTERVAL is at least 1"));
    }
    Ok(match until {
        Some(until) => rule.until(utc(until)),
        None => rule,
    })
}

/// `NAME[;TZID=zone][;VALUE=…]:date[,date…]`
fn dates(line: &str, zone: Tz) -> Result<(Tz, Vec<NaiveDateTime>), ScheduleError> {
    let (head, values) = line
        .split_once([':', '='])
        .filter(|(h, _)| !h.contains(';'))
        .or_else(|| line.rsplit_once(':'))
        .ok_or_else(|| ScheduleError::new(format!("'{line}' has no ':' and no date")))?;
    let mut zone = zone;
    for parameter in head.split(';').skip(1) {
        if let Some((name, value)) = parameter.split_once('=')
            && name.eq_ignore_ascii_case("TZID")
        {
            zone =
                value.parse().map_err(|_| ScheduleError::new(format!("there is no time zone '{value}'")))?;
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
fn moment(value: &str, zone: Tz) -> Result<(Tz, NaiveDateTime), ScheduleError> {
    let bad = || ScheduleError::new(format!("'{value}' is no time such as 20260329T023000"));
    let (text, zone) = value.strip_suffix(['Z', 'z']).map_or((value, zone), |text| (text, Tz::UTC));
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y%m%d") {
        return date.and_hms_opt(0, 0, 0).map(|t| (zone, t)).ok_or_else(bad);
    }
    let time =
        NaiveDateTime::parse_from_str(&text.to_ascii_uppercase(), "%Y%m%dT%H%M%S").map_err(|_| bad())?;
    // Years in which the calendar's arithmetic stays within what an instant can hold.
    let year = chrono::Datelike::year(&time);
    if (1900..=9000).contains(&year) { Ok((zone, time)) } else { Err(bad()) }
}

/// Wall-clock times of one zone as those of another.
fn moved((from, walls): (Tz, Vec<NaiveDateTime>), to: Tz) -> Vec<NaiveDateTime> {
    let shift = |time: NaiveDateTime| {
        if from == to { time } else { wall(to, instant(from, time, Gap::OffsetBefore)) }
    };
    walls.into_iter().map(shift).collect()
}
