//! Classifies log lines by topic.
//!
//! A keyword alone proves little: `timeout=30s` in a startup line is a setting. So each topic has strong patterns,
//! which match any line, and a weak one, which matches only lines of warning severity or of unknown severity.

use regex::bytes::{Regex, RegexSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::pattern;
use crate::base::units::Span;
use crate::model::Severity;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Topic {
    /// Lines of error severity.
    Errors,
    /// Slow responses, timeouts and high latency, in all services but the database.
    Performance,
    /// Slow statements, deadlocks and lock waits, in the database.
    Database,
    /// Memory, disk and connection pools.
    Resources,
}

const SLOW: [&str; 3] = [
    r"(?i)\bslow(ly|er)?\b|\btimed out\b|\btime-?out (after|exceeded|reached)|\bdeadline exceeded\b",
    r"(?i)\bhigh\b.*\blatency\b|\blatency\b.*\b(high|above|exceed\w*|over)\b",
    r"(?i)\btime-?outs?\b",
];
const RESOURCES: [&str; 4] = [
    r"(?i)\bout of memory\b|\boom\b|oom-?kill|\bcannot allocate\b|\bno space left\b|\btoo many (connections|clients|open files)\b",
    r"(?i)\b(memory|disk|swap)\b.*(\b(low|full|high|pressure|limit|exceed\w*|exhaust\w*|critical)\b|\b[5-9]\d(\.\d+)?\s?%|\b100\s?%)",
    r"(?i)\b(connection\W*pool\w*|pool)\b.*\b(exhaust\w*|full|empty|wait\w*|timed?\W*out|limit)\b|connection slots are reserved",
    r"(?i)\b(memory|disk)\b|connection.*pool",
];
/// What the set-up of a PostgreSQL cluster prints, without a severity.
const ROUTINE: &str = r"^(syncing data to disk|selecting dynamic shared memory implementation) \.\.\.";
const DATABASE: &str = r"(?i)\bdeadlock\b|\block timeout\b|\bstatement timeout\b|\bslow query\b|still waiting for \w+|\bidle.in.transaction.*timeout\b";
const DURATION: &str = r"duration: (\d+)\.\d+ ms";
/// Lines that PostgreSQL appends to another message.
const CONTINUATION: &str = r"\b(STATEMENT|DETAIL|HINT|CONTEXT|QUERY|LOCATION):  ";

pub(crate) struct Topics {
    slow: RegexSet,
    resources: RegexSet,
    database: Regex,
    duration: Regex,
    continuation: Regex,
    routine: Regex,
    slow_ms: u128,
}

impl Topics {
    /// `slow` is the duration from which a database statement counts as slow.
    pub(crate) fn new(slow: Span) -> Result<Self, String> {
        let set = |all: &[&str]| RegexSet::new(all).map_err(|e| e.to_string());
        Ok(Self {
            slow: set(&SLOW)?,
            resources: set(&RESOURCES)?,
            database: pattern::compile(DATABASE)?,
            duration: pattern::compile(DURATION)?,
            continuation: pattern::compile(CONTINUATION)?,
            routine: pattern::compile(ROUTINE)?,
            slow_ms: slow.duration().as_millis(),
        })
    }

    /// `is_database`: the line is from PostgreSQL's log.
    pub(crate) fn classify(&self, severity: Option<Severity>, text: &[u8], is_database: bool) -> TopicSet {
        if is_database && (self.continuation.is_match(text) || self.routine.is_match(text)) {
            return TopicSet::default();
        }
        let is_harmless = severity.is_some_and(|l| l < Severity::Warn);
        // The last expression of each set is the weak one.
        let matches = |set: &RegexSet| {
            let matching = set.matches(text);
            matching.iter().any(|i| i + 1 < set.len() || !is_harmless)
        };
        TopicSet {
            errors: severity.is_some_and(|l| l >= Severity::Error),
            performance: !is_database && matches(&self.slow),
            database: is_database && (self.database.is_match(text) || self.is_slow(text)),
            resources: matches(&self.resources),
        }
    }

    fn is_slow(&self, text: &[u8]) -> bool {
        let digits = self.duration.captures(text).and_then(|c| c.get(1)).map(|m| m.as_bytes());
        let number = digits.and_then(|d| std::str::from_utf8(d).ok()?.parse::<u128>().ok());
        number.is_some_and(|ms| ms >= self.slow_ms)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TopicSet {
    errors: bool,
    performance: bool,
    database: bool,
    resources: bool,
}

impl TopicSet {
    pub(crate) fn topics(self) -> impl Iterator<Item = Topic> {
        [
            (self.errors, Topic::Errors),
            (self.performance, Topic::Performance),
            (self.database, Topic::Database),
            (self.resources, Topic::Resources),
        ]
        .into_iter()
        .filter_map(|(is_set, topic)| is_set.then_some(topic))
    }
}

impl Topic {
    /// The flags of `ordctl logs` that show the lines of this topic.
    pub(crate) const fn flag(self) -> &'static str {
        match self {
            Self::Errors => "--level error",
            Self::Performance => "--grep '(?i)slow|time-?out|timed out|latency'",
            Self::Database => "--grep '(?i)duration:|deadlock|timeout|still waiting'",
            Self::Resources => "--grep '(?i)memory|disk|pool|space|too many'",
        }
    }

    pub(crate) const fn singular(self) -> &'static str {
        match self {
            Self::Errors => "error",
            Self::Performance => "performance warning",
            Self::Database => "slow or blocked statement",
            Self::Resources => "resource warning",
        }
    }

    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Performance => "performance warnings",
            Self::Database => "slow or blocked statements",
            Self::Resources => "resource warnings",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(severity: Option<Severity>, text: &str, is_database: bool) -> Vec<Topic> {
        let topics = Topics::new(Span::seconds(1)).unwrap();
        topics.classify(severity, text.as_bytes(), is_database).topics().collect()
    }

    #[test]
    fn topic_keywords_match_and_harmless_lines_do_not() {
        use Topic::{Errors, Performance, Resources};
        let info = Some(Severity::Info);
        for (level, text, found) in [
            (info, "Slow request: 1200 ms", vec![Performance]),
            (info, "request timed out after 30 s", vec![Performance]),
            (info, "high p99 latency on /tasks", vec![Performance]),
            (info, "started with timeout=30s", vec![]),
            (None, "upstream timeout", vec![Performance]),
            (info, "latency 3 ms", vec![]),
            (info, "slowdown of the roll-out planned", vec![]),
            (info, "memory usage 91 %", vec![Resources]),
            (info, "in-memory cache of 5 entries", vec![]),
            (Some(Severity::Warn), "disk is filling up", vec![Resources]),
            (Some(Severity::Error), "write: no space left on device", vec![Errors, Resources]),
            (info, "connection pool exhausted, 20 wait", vec![Resources]),
            (info, "connection pool of 20 opened", vec![]),
            (info, "room for all", vec![]),
            (Some(Severity::Critical), "gone", vec![Errors]),
        ] {
            assert_eq!(topics(level, text, false), found, "{text}");
        }
    }

    #[test]
    fn postgresql_log_lines_are_classified() {
        use Topic::{Database, Errors};
        let info = Some(Severity::Info);
        for (level, text, found) in [
            (info, "LOG:  duration: 1523.120 ms  statement: SELECT 1", vec![Database]),
            (info, "LOG:  duration: 0.120 ms  statement: SELECT 1", vec![]),
            (Some(Severity::Error), "ERROR:  deadlock detected", vec![Errors, Database]),
            (
                Some(Severity::Error),
                "ERROR:  canceling statement due to lock timeout",
                vec![Errors, Database],
            ),
            (
                info,
                "LOG:  process 7 still waiting for ShareLock on transaction 9 after 1000.1 ms",
                vec![Database],
            ),
            (Some(Severity::Error), "STATEMENT:  SELECT 'ERROR deadlock'", vec![]),
            (info, "LOG:  checkpoint complete", vec![]),
            (None, "syncing data to disk ... ok", vec![]),
            (None, "selecting dynamic shared memory implementation ... posix", vec![]),
        ] {
            assert_eq!(topics(level, text, true), found, "{text}");
        }
        assert!(topics(info, "a deadlock of the API's own", false).is_empty());
    }
}
