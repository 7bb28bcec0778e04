//! Folds lines that differ only in numbers, ids and times into patterns, and counts them in bounded memory.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::clients::platform::Line;

/// Distinct patterns kept in memory.
const MAX_PATTERNS: usize = 2_000;
/// Bytes of a line that are folded.
const MAX_LINE_BYTES: usize = 1024;
const MAX_PATTERN_BYTES: usize = 160;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pattern {
    /// The line, with `#` for numbers, ids and times.
    pub(crate) pattern: String,
    /// A lower bound if patterns were dropped to bound memory.
    pub(crate) count: u64,
    #[serde(default)]
    pub(crate) first_seen: Option<DateTime<Utc>>,
    pub(crate) last_seen: Option<DateTime<Utc>>,
}

#[derive(Default)]
pub(crate) struct Patterns {
    stats: HashMap<String, PatternStats>,
    scratch: String,
    /// Lines whose pattern was dropped.
    dropped: u64,
}

struct PatternStats {
    count: u64,
    first: Vec<u8>,
    last: Vec<u8>,
}

impl Patterns {
    /// Counts a line by its message `text`.
    pub(crate) fn add(&mut self, text: &[u8], line: &Line<'_>) {
        self.scratch.clear();
        fold(&String::from_utf8_lossy(&text[..text.len().min(MAX_LINE_BYTES)]), &mut self.scratch);
        if self.scratch.len() > MAX_PATTERN_BYTES {
            self.scratch.truncate(self.scratch.floor_char_boundary(MAX_PATTERN_BYTES));
            self.scratch.push('…');
        }
        match self.stats.get_mut(self.scratch.as_str()) {
            Some(stats) => {
                stats.count += 1;
                stats.last.clear();
                stats.last.extend_from_slice(line.time);
            }
            None => {
                self.drop_rare();
                self.stats.insert(self.scratch.clone(), PatternStats::first(line.time));
            }
        }
    }

    /// Drops the rarest patterns when there are too many.
    fn drop_rare(&mut self) {
        let mut rare = 1;
        while self.stats.len() >= MAX_PATTERNS {
            let dropped = &mut self.dropped;
            self.stats.retain(|_, stats| {
                let is_frequent = stats.count > rare;
                *dropped += if is_frequent { 0 } else { stats.count };
                is_frequent
            });
            rare *= 2;
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (pattern, theirs) in other.stats {
            match self.stats.get_mut(&pattern) {
                Some(ours) => {
                    ours.count += theirs.count;
                    ours.first = theirs.first.min(std::mem::take(&mut ours.first));
                    ours.last = theirs.last.max(std::mem::take(&mut ours.last));
                }
                None => {
                    self.drop_rare();
                    self.stats.insert(pattern, theirs);
                }
            }
        }
        self.dropped += other.dropped;
    }

    #[cfg(test)]
    pub(crate) fn distinct(&self) -> usize {
        self.stats.len()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(crate) fn lines(&self) -> u64 {
        self.stats.values().map(|stats| stats.count).sum::<u64>() + self.dropped
    }

    /// The most frequent patterns; of equally frequent ones the latest first.
    pub(crate) fn top(self, n: usize) -> Vec<Pattern> {
        let mut all: Vec<(String, PatternStats)> = self.stats.into_iter().collect();
        all.sort_by(|(a, x), (b, y)| (y.count, &y.last, a).cmp(&(x.count, &x.last, b)));
        let pattern = |(pattern, stats): (String, PatternStats)| {
            let at = |time: &[u8]| std::str::from_utf8(time).ok().and_then(|t| format!("{t}Z").parse().ok());
            let (first_seen, last_seen) = (at(&stats.first), at(&stats.last));
            Pattern { pattern, count: stats.count, first_seen, last_seen }
        };
        all.into_iter().take(n).map(pattern).collect()
    }
}

impl PatternStats {
    fn first(time: &[u8]) -> Self {
        Self { count: 1, first: time.to_vec(), last: time.to_vec() }
    }
}

/// Appends the pattern of a line: without a leading timestamp, and with one `#` for each run of numbers, UUIDs and
/// long hexadecimal ids.
fn fold(line: &str, out: &mut String) {
    let line = line[timestamp_len(line.as_bytes())..].trim();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if out.len() > MAX_PATTERN_BYTES {
            return;
        }
        if first.is_ascii_alphanumeric() {
            let end = match starts_with_uuid(rest.as_bytes()) {
                true => 36,
                false => rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len()),
            };
            fold_word(&rest[..end], out);
            rest = &rest[end..];
            continue;
        }
        let space = first.is_whitespace() || first.is_control();
        match space {
            true if out.ends_with(' ') => {}
            true => out.push(' '),
            false => out.push(first),
        }
        rest = &rest[first.len_utf8()..];
    }
}

fn fold_word(word: &str, out: &mut String) {
    let has_digit = word.bytes().any(|b| b.is_ascii_digit());
    let hex = word.strip_prefix("0x").unwrap_or(word);
    let is_id = word.contains('-')
        || (has_digit
            && (hex.len() < word.len() || hex.len() >= 7)
            && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_id {
        return push_placeholder(out);
    }
    if !has_digit {
        return out.push_str(word);
    }
    let mut rest = word;
    while !rest.is_empty() {
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        out.push_str(&rest[..letters]);
        rest = &rest[letters..];
        if !rest.is_empty() {
            push_placeholder(out);
            rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        }
    }
}

/// One `#` stands for `10.0.0.1:5432` as well as for `7`.
fn push_placeholder(out: &mut String) {
    match out.as_bytes() {
        [.., b'#', b'.' | b':' | b',' | b'-' | b'/'] => drop(out.pop()),
        [.., b'#'] => {}
        _ => out.push('#'),
    }
}

fn starts_with_uuid(text: &[u8]) -> bool {
    text.len() >= 36
        && text[..36].iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// The length of a numeric date and time at the beginning of a line, with its brackets.
fn timestamp_len(line: &[u8]) -> usize {
    let is_time_char = |b: &u8| b.is_ascii_digit() || b"-/:.,+TZ[]() ".contains(b);
    let end = line.iter().take(48).position(|b| !is_time_char(b)).unwrap_or(line.len().min(48));
    // `T` and `Z` are part of a timestamp only after a digit, not at the start of a word.
    let end =
        line[..end].iter().rposition(|b| b.is_ascii_digit() || b"Z]) ".contains(b)).map_or(0, |i| i + 1);
    let digits = line[..end].iter().filter(|b| b.is_ascii_digit()).count();
    let colons = line[..end].iter().filter(|b| **b == b':').count();
    if digits >= 10 && colons >= 2 { end } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::platform::Stream;

    fn folded(line: &str) -> String {
        let mut out = String::new();
        fold(line, &mut out);
        out
    }

    #[test]
    fn numbers_ids_and_timestamps_are_folded() {
        for (line, pattern) in [
            ("2026-11-21 01:00:00 ERROR [api] request 17 took 0.012", "ERROR [api] request # took #"),
            ("2026-11-21T01:00:00.123Z ERROR x", "ERROR x"),
            ("[2026/11/21 01:00:00,123] ERROR x", "ERROR x"),
            ("ERROR job 550e8400-e29b-41d4-a716-446655440000 failed", "ERROR job # failed"),
            ("ERROR at 0x7ffd3a: commit deadbeef12", "ERROR at #: commit #"),
            ("ERROR 10.0.0.1:5432 refused\tworker-3", "ERROR # refused worker-#"),
            ("ERROR http2 stream12ms", "ERROR http# stream#ms"),
            ("ERROR decade facade", "ERROR decade facade"),
            ("ERROR straße 5 größer", "ERROR straße # größer"),
            ("17 ERROR x", "# ERROR x"),
        ] {
            assert_eq!(folded(line), pattern);
        }
        assert_eq!(folded(""), "");
    }

    #[test]
    fn a_pattern_has_a_maximum_length() {
        for text in ["long words ".repeat(500), "x".repeat(40_000), "ü".repeat(40_000)] {
            let mut patterns = Patterns::default();
            patterns.add(text.as_bytes(), &Line { stream: Stream::Stdout, time: b"", text: b"" });
            let pattern = patterns.top(1).remove(0).pattern;
            assert!(
                pattern.len() <= MAX_PATTERN_BYTES + '…'.len_utf8() && pattern.ends_with('…'),
                "{pattern}"
            );
        }
    }

    #[test]
    fn frequent_patterns_stay_when_rare_ones_are_dropped() {
        let mut patterns = Patterns::default();
        let mut add = |text: &str, second: u32| {
            let time = format!("2026-01-02T03:04:{second:02}");
            let line = Line { stream: Stream::Stdout, time: time.as_bytes(), text: b"" };
            patterns.add(text.as_bytes(), &line);
        };
        for i in 0..3 * MAX_PATTERNS {
            let letters: String = format!("{i:05}").bytes().map(|b| char::from(b - b'0' + b'a')).collect();
            add(&format!("ERROR rare {letters}"), 1);
            if i % 10 == 0 {
                add(&format!("ERROR frequent {i}"), 2);
            }
        }
        assert!(patterns.distinct() <= MAX_PATTERNS);
        assert_eq!(patterns.lines(), 3 * MAX_PATTERNS as u64 * 11 / 10, "dropped lines still count");
        assert!(patterns.dropped() > 0);
        let top = patterns.top(1);
        assert_eq!((top[0].pattern.as_str(), top[0].count), ("ERROR frequent #", 600));
        assert_eq!(top[0].last_seen, Some("2026-01-02T03:04:02Z".parse().unwrap()));
    }
}
