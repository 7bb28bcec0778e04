//! What a scan says about one topic, as findings.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::json;

use crate::base::sanitize::ident;
use crate::base::units;
use crate::clients::platform::{HintCommands, SYSTEM};
use crate::model::{Finding, Status, Threshold};
use crate::tools::logs::check::analysis::Params;
use crate::tools::logs::check::scan::{Met, Scan, ServiceScan};
use crate::tools::logs::check::topic::Topic;
use crate::tools::logs::tail::Pattern;

const WIDE: usize = 60;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// How a scan is looked at.
pub(crate) struct View<'a> {
    pub(crate) params: &'a Params,
    pub(crate) since: DateTime<Utc>,
    pub(crate) until: DateTime<Utc>,
    /// The zone of times in summaries.
    pub(crate) zone: Tz,
}

/// The findings of the topic: for each service its number and its patterns; what could not be read, unless
/// an earlier step has told it; for errors also the histogram.
pub(crate) fn findings(scan: &Scan, view: &View<'_>, commands: &dyn HintCommands) -> Vec<Finding> {
    let topic = view.params.topic;
    let mut all = Vec::new();
    if topic == Topic::Errors || view.params.reads() {
        all.extend(scan.missing.iter().map(|service| {
            let summary = format!("{service}: no container, so no log");
            let finding = Finding::new(&ident(service), SYSTEM, Status::Unknown, summary);
            finding.hint(commands.list(None))
        }));
        all.extend(scan.unreadable.iter().map(|(container, error)| {
            let summary = format!("the log of {container}: {error}");
            Finding::new(&ident(container), SYSTEM, Status::Unknown, summary)
                .hint(commands.log_driver(container))
        }));
    }
    let unread = all.len();
    for (service, found) in &scan.services {
        match found.topics.get(&topic) {
            Some(met) => all.extend(service_findings(service, found, met, view)),
            None if topic == Topic::Errors => {
                all.extend(service_findings(service, found, &Met::default(), view))
            }
            None => {}
        }
    }
    // What was read and holds nothing is told beside what was not.
    if all.is_empty() || (all.len() == unread && !scan.services.is_empty()) {
        all.push(nothing(scan, view));
    }
    if topic == Topic::Errors && !scan.services.is_empty() {
        all.push(histogram(scan, view));
    }
    all
}

/// Nothing was met, or there was nothing to look at.
fn nothing(scan: &Scan, view: &View<'_>) -> Finding {
    let topic = view.params.topic;
    let database = &view.params.database;
    if topic == Topic::Database && !scan.services.contains_key(database) {
        let summary = format!("the log of the service {database} was not read");
        return Finding::new("", SYSTEM, Status::Skipped, summary);
    }
    let of_it = |(name, _): &(&String, &ServiceScan)| (topic == Topic::Database) == (*name == database);
    let lines: u64 = scan.services.iter().filter(of_it).map(|(_, s)| s.lines).sum();
    if scan.services.is_empty() {
        return Finding::new("", SYSTEM, Status::Unknown, "no log was read");
    }
    let summary = format!("no {} in {}", topic.word(), number(lines, "line", "lines"));
    Finding::new("", SYSTEM, Status::Ok, summary)
}

fn service_findings(service: &str, found: &ServiceScan, met: &Met, view: &View<'_>) -> Vec<Finding> {
    let (params, topic) = (view.params, view.params.topic);
    let mut summary = format!(
        "{service}: {} in {}",
        number(met.count, topic.word(), topic.words()),
        number(found.lines, "line", "lines")
    );
    let untold = met.patterns.iter().skip(params.top).map(|p| p.count).sum::<u64>() + met.other;
    if untold > 0 {
        summary += &format!("; {} of other patterns", number(untold, "line", "lines"));
    }
    let threshold = Threshold::above(Some(params.warn), params.crit);
    #[expect(clippy::cast_precision_loss, reason = "a count for a reader")]
    let count = met.count as f64;
    // A flag takes whole seconds here: none that was counted may be left out.
    let end = view.until + TimeDelta::nanoseconds(999_999_999);
    let until = params.until.map(|_| format!(" --until {}", instant(end))).unwrap_or_default();
    let id = ident(service);
    let total = Finding::measured(&id, SYSTEM, summary, count, Some(topic.words()), threshold)
        .hint(format!("ordctl logs {service} --since {}{until} {}", instant(view.since), topic.flag()))
        .details(json!(met));
    let bad = if total.status == Status::Ok { Status::Ok } else { Status::Warn };
    let pattern = |(place, pattern): (usize, &Pattern)| {
        let id = format!("{id}.{}", place + 1);
        let summary = format!("{service}: {}", told(pattern, view.zone));
        Finding::new(&id, SYSTEM, bad, summary).details(json!(pattern))
    };
    let patterns = met.patterns.iter().take(params.top).enumerate().map(pattern);
    std::iter::once(total.clone()).chain(patterns).collect()
}

/// `42× ERROR pool # exhausted (2026-01-02 03:04:05 to 03:59:59)`
fn told(pattern: &Pattern, zone: Tz) -> String {
    let local = |at: DateTime<Utc>| at.with_timezone(&zone);
    let when = match (pattern.first_seen.map(local), pattern.last_seen.map(local)) {
        (Some(first), Some(last)) if first != last => {
            let form = if first.date_naive() == last.date_naive() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
            format!(" ({} to {})", first.format("%Y-%m-%d %H:%M:%S"), last.format(form))
        }
        (_, Some(at)) => format!(" ({})", at.format("%Y-%m-%d %H:%M:%S")),
        _ => String::new(),
    };
    format!("{}× {}{when}", plain(pattern.count), pattern.pattern)
}

/// Errors by the minute: a line of bars for a person, the numbers for a machine.
fn histogram(scan: &Scan, view: &View<'_>) -> Finding {
    let minute = |at: DateTime<Utc>| at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at);
    let (from, to) = (minute(view.since), minute(view.until));
    let minutes = usize::try_from((to - from).num_minutes()).unwrap_or_default() + 1;
    let each = minutes.div_ceil(WIDE);
    let mut bars = vec![0u64; minutes.div_ceil(each)];
    for (at, n) in &scan.minutes {
        let place = usize::try_from((*at - from).num_minutes()).unwrap_or_default() / each;
        if let Some(bar) = bars.get_mut(place) {
            *bar += n;
        }
    }
    let most = scan.minutes.iter().max_by_key(|(at, n)| (**n, **at));
    let clock = |at: DateTime<Utc>| at.with_timezone(&view.zone).format("%Y-%m-%d %H:%M").to_string();
    let summary = match most {
        None => "errors by the minute: none".to_owned(),
        Some((at, n)) => format!(
            "errors by the minute: {} ({} to {}, the most at {}: {})",
            sparkline(&bars),
            clock(from),
            clock(to),
            clock(*at),
            plain(*n)
        ),
    };
    let details = json!({ "from": from, "to": to, "minutes": scan.minutes });
    Finding::new("by_minute", SYSTEM, Status::Ok, summary).details(details)
}

/// Bars from none to the highest; a minute without errors has a blank.
fn sparkline(values: &[u64]) -> String {
    let highest = values.iter().copied().max().unwrap_or_default().max(1);
    let bar = |n: u64| match n {
        0 => '·',
        n => BARS[usize::try_from((n * 8).div_ceil(highest)).unwrap_or(8).clamp(1, 8) - 1],
    };
    values.iter().map(|n| bar(*n)).collect()
}

/// An instant as a flag takes it, to the second.
fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn number(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", plain(n), if n == 1 { one } else { many })
}

fn plain(n: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a count for a reader")]
    units::count(n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_minute_has_the_highest_bar() {
        assert_eq!(sparkline(&[0, 1, 4, 8]), "·▁▄█");
        assert_eq!(sparkline(&[0, 0]), "··");
        assert_eq!(sparkline(&[u64::MAX / 8]), "█");
    }
}
