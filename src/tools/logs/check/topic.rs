//! What a line is a sign of.
//!
//! A word says little by itself: `timeout=30s` in a line about a start is a setting. So each topic
//! has strong signs, which count in every line, and weak ones, which count unless the line calls
//! itself harmless.

use regex::bytes::{Regex, RegexSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::pattern;
use crate::base::units::Span;
use crate::model::Severity;

/// What can be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Topic {
    /// Lines of the level of an error.
    Errors,
    /// Slow answers, time-outs, high latency; in every service but the database.
    Performance,
    /// Slow statements, deadlocks, waiting for locks; in the database.
    Database,
    /// Memory, disk and pools of connections.
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
const DATABASE: &str = r"(?i)\bdeadlock\b|\block timeout\b|\bstatement timeout\b|\bslow query\b|still waiting for \w+|\bidle.in.transaction.*timeout\b";
const DURATION: &str = r"duration: (\d+)\.\d+ ms";
/// What PostgreSQL adds to a line of which it is part.
const ADDED: &str = r"\b(STATEMENT|DETAIL|HINT|CONTEXT|QUERY|LOCATION):  ";

/// Tells what lines are a sign of.
pub(crate) struct Topics {
    slow: RegexSet,
    resources: RegexSet,
    database: Regex,
    duration: Regex,
    added: Regex,
    slow_from: u128,
}

impl Topics {
    /// A statement of the database is slow from `slow` on.
    pub(crate) fn new(slow: Span) -> Result<Self, String> {
        let set = |all: &[&str]| RegexSet::new(all).map_err(|e| e.to_string());
        Ok(Self {
            slow: set(&SLOW)?,
            resources: set(&RESOURCES)?,
            database: pattern::compile(DATABASE)?,
            duration: pattern::compile(DURATION)?,
            added: pattern::compile(ADDED)?,
            slow_from: slow.duration().as_millis(),
        })
    }

    /// What a line of such a level is a sign of. `database` says whose it is.
    pub(crate) fn of(&self, level: Option<Severity>, text: &[u8], database: bool) -> Found {
        if database && self.added.is_match(text) {
            return Found::default();
        }
        let harmless = level.is_some_and(|l| l < Severity::Warn);
        // The last expression of each set is the weak one.
        let sign = |set: &RegexSet| {
            let found = set.matches(text);
            found.iter().any(|i| i + 1 < set.len() || !harmless)
        };
        Found {
            errors: level.is_some_and(|l| l >= Severity::Error),
            performance: !database && sign(&self.slow),
            database: database && (self.database.is_match(text) || self.is_slow(text)),
            resources: sign(&self.resources),
        }
    }

    fn is_slow(&self, text: &[u8]) -> bool {
        let digits = self.duration.captures(text).and_then(|c| c.get(1)).map(|m| m.as_bytes());
        let number = digits.and_then(|d| std::str::from_utf8(d).ok()?.parse::<u128>().ok());
        number.is_some_and(|ms| ms >= self.slow_from)
    }
}

/// What a line is a sign of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    errors: bool,
    performance: bool,
    database: bool,
    resources: bool,
}

impl Found {
    /// The topics.
    pub(crate) fn topics(self) -> impl Iterator<Item = Topic> {
        [
            (self.errors, Topic::Errors),
            (self.performance, Topic::Performance),
            (self.database, Topic::Database),
            (self.resources, Topic::Resources),
        ]
        .into_iter()
        .filter_map(|(found, topic)| found.then_some(topic))
    }
}

impl Topic {
    /// Its part of a command line that shows the lines again.
    pub(crate) const fn flag(self) -> &'static str {
        match self {
            Self::Errors => "--level error",
            Self::Performance => "--grep '(?i)slow|time-?out|timed out|latency'",
            Self::Database => "--grep '(?i)duration:|deadlock|timeout|still waiting'",
            Self::Resources => "--grep '(?i)memory|disk|pool|space|too many'",
        }
    }

    /// What one line of it is called.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Errors => "error",
            Self::Performance => "sign of slowness",
            Self::Database => "slow or waiting statement",
            Self::Resources => "sign of scarcity",
        }
    }

    /// What several are called.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Performance => "signs of slowness",
            Self::Database => "slow or waiting statements",
            Self::Resources => "signs of scarcity",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(level: Option<Severity>, text: &str, database: bool) -> Vec<Topic> {
        let topics = Topics::new(Span::seconds(1)).unwrap();
        topics.of(level, text.as_bytes(), database).topics().collect()
    }

    #[test]
    fn signs_are_found_and_harmless_words_are_not() {
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
    fn the_databases_log_is_read_as_it_writes_it() {
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
        ] {
            assert_eq!(topics(level, text, true), found, "{text}");
        }
        assert!(topics(info, "a deadlock of the API's own", false).is_empty());
    }
}
