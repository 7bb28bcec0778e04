//! One pass over a container's log: what its lines are signs of, by pattern, and when errors came.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::clients::platform::{Line, LineSink};
use crate::tools::logs::check::topic::{Topic, Topics};
use crate::tools::logs::tail::{Pattern, Patterns, Severities};

/// How many patterns of a topic are kept for the report.
const KEPT: usize = 50;
/// `2026-01-02T03:04`
const MINUTE: usize = 16;

/// What the logs of the services hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Scan {
    pub(crate) services: IndexMap<String, ServiceScan>,
    /// Errors by the minute, in UTC; a minute without any is left out.
    pub(crate) minutes: BTreeMap<DateTime<Utc>, u64>,
    /// Containers whose log could not be read, and why.
    pub(crate) unreadable: IndexMap<String, String>,
    pub(crate) missing: Vec<String>,
}

/// What the logs of one service hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ServiceScan {
    pub(crate) lines: u64,
    /// By topic; one that was not met is left out.
    pub(crate) topics: BTreeMap<Topic, Met>,
}

/// How a topic was met.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Met {
    pub(crate) count: u64,
    pub(crate) patterns: Vec<Pattern>,
    /// How many lines have a pattern that is not among them.
    pub(crate) other: u64,
}

/// What all scanners of a run share.
pub(crate) struct Rules {
    /// Tells how grave lines are.
    pub(crate) severities: Severities,
    /// Tells what they are signs of.
    pub(crate) topics: Topics,
    /// Nothing from here on, in the form of a log's times.
    pub(crate) until: Option<Vec<u8>>,
}

/// Takes the lines of one container.
pub(crate) struct Scanner {
    rules: Arc<Rules>,
    database: bool,
    lines: u64,
    topics: BTreeMap<Topic, Patterns>,
    minutes: BTreeMap<Vec<u8>, u64>,
}

impl Scanner {
    pub(crate) fn new(rules: Arc<Rules>, database: bool) -> Self {
        Self { rules, database, lines: 0, topics: BTreeMap::new(), minutes: BTreeMap::new() }
    }

    /// Adds what another container of the same service gave.
    pub(crate) fn plus(mut self, other: Self) -> Self {
        self.lines += other.lines;
        for (topic, patterns) in other.topics {
            self.topics.entry(topic).or_default().merge(patterns);
        }
        for (minute, n) in other.minutes {
            *self.minutes.entry(minute).or_default() += n;
        }
        self
    }

    /// What was found; the minutes are added to `minutes`.
    pub(crate) fn end(self, minutes: &mut BTreeMap<DateTime<Utc>, u64>) -> ServiceScan {
        for (minute, n) in self.minutes {
            let text = String::from_utf8_lossy(&minute).into_owned();
            if let Ok(at) = format!("{text}:00Z").parse() {
                *minutes.entry(at).or_default() += n;
            }
        }
        let met = |patterns: Patterns| {
            let count = patterns.lines();
            let patterns = patterns.top(KEPT);
            let other = count - patterns.iter().map(|p| p.count).sum::<u64>();
            Met { count, patterns, other }
        };
        ServiceScan { lines: self.lines, topics: self.topics.into_iter().map(|(t, p)| (t, met(p))).collect() }
    }
}

impl LineSink for Scanner {
    fn line(&mut self, line: &Line<'_>) {
        if self.rules.until.as_deref().is_some_and(|until| line.time >= until) {
            return;
        }
        self.lines += 1;
        let (level, text) = self.rules.severities.of(line.text);
        for topic in self.rules.topics.of(level, &text, self.database).topics() {
            self.topics.entry(topic).or_default().add(&text, line);
            if topic == Topic::Errors {
                let minute = &line.time[..line.time.len().min(MINUTE)];
                match self.minutes.get_mut(minute) {
                    Some(n) => *n += 1,
                    None => drop(self.minutes.insert(minute.to_vec(), 1)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::units::Span;
    use crate::clients::platform::Stream;

    #[test]
    fn nothing_counts_from_the_end_on() {
        let topics = Topics::new(Span::seconds(1)).unwrap();
        let until = Some(b"2026-01-02T03:05:00".to_vec());
        let rules = Rules { severities: Severities::default(), topics, until };
        let mut scanner = Scanner::new(Arc::new(rules), false);
        for time in ["2026-01-02T03:04:59.9", "2026-01-02T03:05:00", "2026-01-02T03:05:00.1"] {
            scanner.line(&Line { stream: Stream::Stdout, time: time.as_bytes(), text: b"ERROR x" });
        }
        let mut minutes = BTreeMap::new();
        let scan = scanner.end(&mut minutes);
        assert_eq!((scan.lines, minutes.values().sum::<u64>()), (1, 1));
    }
}
