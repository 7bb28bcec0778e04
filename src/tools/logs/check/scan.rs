//! Scans a container's log in one pass: matches by topic and pattern, and errors per minute.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::clients::platform::{Line, LineSink};
use crate::tools::logs::check::topic::{Topic, Topics};
use crate::tools::logs::tail::{Pattern, Patterns, SeverityDetector};

/// Patterns saved for each topic.
const MAX_PATTERNS: usize = 50;
/// Length of `2026-01-02T03:04`.
const MINUTE_LEN: usize = 16;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Scan {
    pub(crate) services: IndexMap<String, ServiceScan>,
    /// Errors per minute (UTC), without minutes that have none.
    pub(crate) minutes: BTreeMap<DateTime<Utc>, u64>,
    /// Errors by container.
    pub(crate) unreadable: IndexMap<String, String>,
    pub(crate) missing: Vec<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ServiceScan {
    pub(crate) lines: u64,
    /// Without topics that have no matches.
    pub(crate) topics: BTreeMap<Topic, TopicMatches>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct TopicMatches {
    pub(crate) count: u64,
    pub(crate) patterns: Vec<Pattern>,
    /// Lines with other patterns.
    pub(crate) other: u64,
}

/// Shared by all scanners of a run.
pub(crate) struct Rules {
    pub(crate) detector: SeverityDetector,
    pub(crate) topics: Topics,
    /// Exclusive end, in the time format of log lines.
    pub(crate) until: Option<Vec<u8>>,
}

pub(crate) struct Scanner {
    rules: Arc<Rules>,
    is_database: bool,
    lines: u64,
    topics: BTreeMap<Topic, Patterns>,
    minutes: BTreeMap<Vec<u8>, u64>,
}

impl Scanner {
    pub(crate) fn new(rules: Arc<Rules>, is_database: bool) -> Self {
        Self { rules, is_database, lines: 0, topics: BTreeMap::new(), minutes: BTreeMap::new() }
    }

    /// Adds another container of the same service.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.lines += other.lines;
        for (topic, patterns) in other.topics {
            self.topics.entry(topic).or_default().merge(patterns);
        }
        for (minute, n) in other.minutes {
            *self.minutes.entry(minute).or_default() += n;
        }
        self
    }

    /// Adds errors per minute to `minutes`.
    pub(crate) fn finish(self, minutes: &mut BTreeMap<DateTime<Utc>, u64>) -> ServiceScan {
        for (minute, n) in self.minutes {
            let text = String::from_utf8_lossy(&minute).into_owned();
            if let Ok(at) = format!("{text}:00Z").parse() {
                *minutes.entry(at).or_default() += n;
            }
        }
        let matches = |patterns: Patterns| {
            let count = patterns.lines();
            let patterns = patterns.top(MAX_PATTERNS);
            let other = count - patterns.iter().map(|p| p.count).sum::<u64>();
            TopicMatches { count, patterns, other }
        };
        ServiceScan {
            lines: self.lines,
            topics: self.topics.into_iter().map(|(t, p)| (t, matches(p))).collect(),
        }
    }
}

impl LineSink for Scanner {
    fn line(&mut self, line: &Line<'_>) {
        if self.rules.until.as_deref().is_some_and(|until| line.time >= until) {
            return;
        }
        self.lines += 1;
        let (severity, text) = self.rules.detector.detect(line.text);
        for topic in self.rules.topics.classify(severity, &text, self.is_database).topics() {
            self.topics.entry(topic).or_default().add(&text, line);
            if topic == Topic::Errors {
                let minute = &line.time[..line.time.len().min(MINUTE_LEN)];
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
    fn lines_from_the_end_time_on_are_ignored() {
        let topics = Topics::new(Span::seconds(1)).unwrap();
        let until = Some(b"2026-01-02T03:05:00".to_vec());
        let rules = Rules { detector: SeverityDetector::default(), topics, until };
        let mut scanner = Scanner::new(Arc::new(rules), false);
        for time in ["2026-01-02T03:04:59.9", "2026-01-02T03:05:00", "2026-01-02T03:05:00.1"] {
            scanner.line(&Line { stream: Stream::Stdout, time: time.as_bytes(), text: b"ERROR x" });
        }
        let mut minutes = BTreeMap::new();
        let scan = scanner.finish(&mut minutes);
        assert_eq!((scan.lines, minutes.values().sum::<u64>()), (1, 1));
    }
}
