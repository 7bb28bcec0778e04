//! Builds the findings of one topic from a scan.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::json;

use crate::base::sanitize::ident;
use crate::base::shell;
use crate::base::units;
use crate::clients::platform::{HintCommands, SYSTEM};
use crate::model::{Finding, Status, Threshold};
use crate::tools::logs::check::analysis::Params;
use crate::tools::logs::check::scan::{Scan, ServiceScan, TopicMatches};
use crate::tools::logs::check::topic::Topic;
use crate::tools::logs::tail::Pattern;

const MAX_BARS: usize = 60;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

pub(crate) struct View<'a> {
    pub(crate) params: &'a Params,
    pub(crate) since: DateTime<Utc>,
    pub(crate) until: DateTime<Utc>,
    /// Time zone of summaries.
    pub(crate) zone: Tz,
}

/// For each service its count and patterns; logs that are missing or unreadable, unless an earlier step reported
/// them; and for errors a histogram.
pub(crate) fn findings(scan: &Scan, view: &View<'_>, commands: &dyn HintCommands) -> Vec<Finding> {
    let topic = view.params.topic;
    let mut all = Vec::new();
    if topic == Topic::Errors || view.params.reads_logs() {
        all.extend(scan.missing.iter().map(|service| {
            let summary = format!("{service}: no container found");
            let finding = Finding::new(&ident(service), SYSTEM, Status::Unknown, summary);
            finding.hint(commands.list(None))
        }));
        all.extend(scan.unreadable.iter().map(|(container, error)| {
            let summary = format!("{container}: cannot read log: {error}");
            Finding::new(&ident(container), SYSTEM, Status::Unknown, summary)
                .hint(commands.log_driver(container))
        }));
    }
    let unreadable = all.len();
    for (service, service_scan) in &scan.services {
        match service_scan.topics.get(&topic) {
            Some(matches) => all.extend(service_findings(service, service_scan, matches, view)),
            None if topic == Topic::Errors => {
                all.extend(service_findings(service, service_scan, &TopicMatches::default(), view))
            }
            None => {}
        }
    }
    // Logs without matches are reported also when others are unreadable.
    if all.is_empty() || (all.len() == unreadable && !scan.services.is_empty()) {
        all.push(no_matches(scan, view));
    }
    if topic == Topic::Errors && !scan.services.is_empty() {
        all.push(histogram(scan, view));
    }
    all
}

fn no_matches(scan: &Scan, view: &View<'_>) -> Finding {
    let topic = view.params.topic;
    let database = &view.params.database;
    if topic == Topic::Database && !scan.services.contains_key(database) {
        let summary = format!("{database}: log not read");
        return Finding::new("", SYSTEM, Status::Skipped, summary);
    }
    let is_relevant = |(name, _): &(&String, &ServiceScan)| (topic == Topic::Database) == (*name == database);
    let lines: u64 = scan.services.iter().filter(is_relevant).map(|(_, s)| s.lines).sum();
    if scan.services.is_empty() {
        return Finding::new("", SYSTEM, Status::Unknown, "No log read");
    }
    let summary = format!("No {} in {}", topic.plural(), number(lines, "line", "lines"));
    Finding::new("", SYSTEM, Status::Ok, summary)
}

fn service_findings(
    service: &str,
    scan: &ServiceScan,
    matches: &TopicMatches,
    view: &View<'_>,
) -> Vec<Finding> {
    let (params, topic) = (view.params, view.params.topic);
    let mut summary = format!(
        "{service}: {} in {}",
        number(matches.count, topic.singular(), topic.plural()),
        number(scan.lines, "line", "lines")
    );
    let unlisted = matches.patterns.iter().skip(params.top).map(|p| p.count).sum::<u64>() + matches.other;
    if unlisted > 0 {
        summary += &format!("; {} with other patterns", number(unlisted, "line", "lines"));
    }
    let threshold = Threshold::above(Some(params.warn), params.crit);
    #[expect(clippy::cast_precision_loss, reason = "a count for a reader")]
    let count = matches.count as f64;
    // Rounded up to whole seconds, so that the hint shows every counted line.
    let end = view.until + TimeDelta::nanoseconds(999_999_999);
    let until = params.until.map(|_| format!(" --until {}", instant(end))).unwrap_or_default();
    let id = ident(service);
    let total = Finding::measured(&id, SYSTEM, summary, count, Some(topic.plural()), threshold)
        .hint(format!(
            "ordctl logs {} --since {}{until} {}",
            shell::word(service),
            instant(view.since),
            topic.flag()
        ))
        .details(json!(matches));
    let status = if total.status == Status::Ok { Status::Ok } else { Status::Warn };
    let pattern = |(place, pattern): (usize, &Pattern)| {
        let id = format!("{id}.{}", place + 1);
        let summary = format!("{service}: {}", describe(pattern, view.zone));
        Finding::new(&id, SYSTEM, status, summary).details(json!(pattern))
    };
    let patterns = matches.patterns.iter().take(params.top).enumerate().map(pattern);
    std::iter::once(total.clone()).chain(patterns).collect()
}

/// `42× ERROR pool # exhausted (2026-01-02 03:04:05 to 03:59:59)`
fn describe(pattern: &Pattern, zone: Tz) -> String {
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

/// Errors per minute: bars in the summary, numbers in the details.
fn histogram(scan: &Scan, view: &View<'_>) -> Finding {
    let minute = |at: DateTime<Utc>| at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at);
    let (from, to) = (minute(view.since), minute(view.until));
    let minutes = usize::try_from((to - from).num_minutes()).unwrap_or_default() + 1;
    let each = minutes.div_ceil(MAX_BARS);
    let mut bars = vec![0u64; minutes.div_ceil(each)];
    for (at, n) in &scan.minutes {
        let place = usize::try_from((*at - from).num_minutes()).unwrap_or_default() / each;
        if let Some(bar) = bars.get_mut(place) {
            *bar += n;
        }
    }
    let peak = scan.minutes.iter().max_by_key(|(at, n)| (**n, **at));
    let clock = |at: DateTime<Utc>| at.with_timezone(&view.zone).format("%Y-%m-%d %H:%M").to_string();
    let summary = match peak {
        None => "Errors per minute: none".to_owned(),
        Some((at, n)) => format!(
            "Errors per minute: {} ({} to {}, peak {} at {})",
            sparkline(&bars),
            clock(from),
            clock(to),
            plain(*n),
            clock(*at)
        ),
    };
    let details = json!({ "from": from, "to": to, "minutes": scan.minutes });
    Finding::new("by_minute", SYSTEM, Status::Ok, summary).details(details)
}

/// Bars relative to the highest value; `·` for 0.
fn sparkline(values: &[u64]) -> String {
    let highest = values.iter().copied().max().unwrap_or_default().max(1);
    let bar = |n: u64| match n {
        0 => '·',
        n => BARS[usize::try_from((n * 8).div_ceil(highest)).unwrap_or(8).clamp(1, 8) - 1],
    };
    values.iter().map(|n| bar(*n)).collect()
}

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
    fn bars_are_relative_to_the_highest_minute() {
        assert_eq!(sparkline(&[0, 1, 4, 8]), "·▁▄█");
        assert_eq!(sparkline(&[0, 0]), "··");
        assert_eq!(sparkline(&[u64::MAX / 8]), "█");
    }
}
