//! Lines that differ only in numbers, ids and times, folded into patterns and counted in
//! bounded memory.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::clients::platform::Line;

/// Distinct patterns held at once.
const HELD: usize = 2_000;
/// How much of a line is read for its pattern.
const READ: usize = 1024;
/// How much of a pattern is kept.
const LONGEST: usize = 160;

/// A pattern and how often it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pattern {
    /// The line, with `#` for what differs.
    pub(crate) pattern: String,
    /// How often. When more distinct patterns were seen than are held, the least.
    pub(crate) count: u64,
    /// When first; where the least is counted, since it is held.
    #[serde(default)]
    pub(crate) first_seen: Option<DateTime<Utc>>,
    pub(crate) last_seen: Option<DateTime<Utc>>,
}

/// Patterns by how often they were seen.
#[derive(Default)]
pub(crate) struct Patterns {
    seen: HashMap<String, Seen>,
    scratch: String,
    forgotten: u64,
}

struct Seen {
    count: u64,
    first: Vec<u8>,
    last: Vec<u8>,
}

impl Patterns {
    /// Counts a line whose telling part is `text`.
    pub(crate) fn add(&mut self, text: &[u8], line: &Line<'_>) {
        self.scratch.clear();
        fold(&String::from_utf8_lossy(&text[..text.len().min(READ)]), &mut self.scratch);
        if self.scratch.len() > LONGEST {
            self.scratch.truncate(self.scratch.floor_char_boundary(LONGEST));
            self.scratch.push('…');
        }
        match self.seen.get_mut(self.scratch.as_str()) {
            Some(seen) => {
                seen.count += 1;
                seen.last.clear();
                seen.last.extend_from_slice(line.time);
            }
            None => {
                self.make_room();
                self.seen.insert(self.scratch.clone(), Seen::once(line.time));
            }
        }
    }

    /// Forgets the rarest when there are too many: what is frequent stays and is counted on.
    fn make_room(&mut self) {
        let mut rare = 1;
        while self.seen.len() >= HELD {
            let forgotten = &mut self.forgotten;
            self.seen.retain(|_, seen| {
                let stays = seen.count > rare;
                *forgotten += if stays { 0 } else { seen.count };
                stays
            });
            rare *= 2;
        }
    }

    /// Adds those of another container.
    pub(crate) fn merge(&mut self, other: Self) {
        for (pattern, theirs) in other.seen {
            match self.seen.get_mut(&pattern) {
                Some(ours) => {
                    ours.count += theirs.count;
                    ours.first = theirs.first.min(std::mem::take(&mut ours.first));
                    ours.last = theirs.last.max(std::mem::take(&mut ours.last));
                }
                None => {
                    self.make_room();
                    self.seen.insert(pattern, theirs);
                }
            }
        }
        self.forgotten += other.forgotten;
    }

    #[cfg(test)]
    pub(crate) fn distinct(&self) -> usize {
        self.seen.len()
    }

    /// How many lines had a pattern that is no longer held.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// How many lines were counted.
    pub(crate) fn lines(&self) -> u64 {
        self.seen.values().map(|seen| seen.count).sum::<u64>() + self.forgotten
    }

    /// The most frequent ones, and of equally frequent ones the one seen last.
    pub(crate) fn top(self, n: usize) -> Vec<Pattern> {
        let mut all: Vec<(String, Seen)> = self.seen.into_iter().collect();
        all.sort_by(|(a, x), (b, y)| (y.count, &y.last, a).cmp(&(x.count, &x.last, b)));
        let pattern = |(pattern, seen): (String, Seen)| {
            let at = |time: &[u8]| std::str::from_utf8(time).ok().and_then(|t| format!("{t}Z").parse().ok());
            let (first_seen, last_seen) = (at(&seen.first), at(&seen.last));
            Pattern { pattern, count: seen.count, first_seen, last_seen }
        };
        all.into_iter().take(n).map(pattern).collect()
    }
}

impl Seen {
    fn once(time: &[u8]) -> Self {
        Self { count: 1, first: time.to_vec(), last: time.to_vec() }
    }
}

/// Appends the pattern of a line: without its own time at the beginning, `#` for every number,
/// UUID and long hexadecimal, and for several of them in a row.
fn fold(line: &str, out: &mut String) {
    let line = line[leading_time(line.as_bytes())..].trim();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if out.len() > LONGEST {
            return;
        }
        if first.is_ascii_alphanumeric() {
            let end = match uuid(rest.as_bytes()) {
                true => 36,
                false => rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len()),
            };
            word(&rest[..end], out);
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

fn word(word: &str, out: &mut String) {
    let digits = word.bytes().any(|b| b.is_ascii_digit());
    let hex = word.strip_prefix("0x").unwrap_or(word);
    let id = word.contains('-')
        || (digits
            && (hex.len() < word.len() || hex.len() >= 7)
            && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if id {
        return number(out);
    }
    if !digits {
        return out.push_str(word);
    }
    let mut rest = word;
    while !rest.is_empty() {
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        out.push_str(&rest[..letters]);
        rest = &rest[letters..];
        if !rest.is_empty() {
            number(out);
            rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        }
    }
}

/// One `#` stands for `10.0.0.1:5432` as well as for `7`.
fn number(out: &mut String) {
    match out.as_bytes() {
        [.., b'#', b'.' | b':' | b',' | b'-' | b'/'] => drop(out.pop()),
        [.., b'#'] => {}
        _ => out.push('#'),
    }
}

fn uuid(text: &[u8]) -> bool {
    text.len() >= 36
        && text[..36].iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// The length of a time at the beginning of a line, with what surrounds it: at least a date and
/// a time of day, in figures.
fn leading_time(line: &[u8]) -> usize {
    let figures = |b: &u8| b.is_ascii_digit() || b"-/:.,+TZ[]() ".contains(b);
    let end = line.iter().take(48).position(|b| !figures(b)).unwrap_or(line.len().min(48));
    // `…Z` and `…T` belong to a time only behind a figure, not at the beginning of a word.
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
    fn what_differs_is_folded() {
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
    fn a_pattern_is_short_whatever_the_line() {
        for text in ["long words ".repeat(500), "x".repeat(40_000), "ü".repeat(40_000)] {
            let mut patterns = Patterns::default();
            patterns.add(text.as_bytes(), &Line { stream: Stream::Stdout, time: b"", text: b"" });
            let pattern = patterns.top(1).remove(0).pattern;
            assert!(pattern.len() <= LONGEST + '…'.len_utf8() && pattern.ends_with('…'), "{pattern}");
        }
    }

    #[test]
    fn the_frequent_ones_stay_when_there_are_too_many() {
        let mut patterns = Patterns::default();
        let mut add = |text: &str, second: u32| {
            let time = format!("2026-01-02T03:04:{second:02}");
            let line = Line { stream: Stream::Stdout, time: time.as_bytes(), text: b"" };
            patterns.add(text.as_bytes(), &line);
        };
        for i in 0..3 * HELD {
            let letters: String = format!("{i:05}").bytes().map(|b| char::from(b - b'0' + b'a')).collect();
            add(&format!("ERROR rare {letters}"), 1);
            if i % 10 == 0 {
                add(&format!("ERROR frequent {i}"), 2);
            }
        }
        assert!(patterns.distinct() <= HELD);
        assert_eq!(patterns.lines(), 3 * HELD as u64 * 11 / 10, "what is forgotten still counts");
        assert!(patterns.forgotten() > 0);
        let top = patterns.top(1);
        assert_eq!((top[0].pattern.as_str(), top[0].count), ("ERROR frequent #", 600));
        assert_eq!(top[0].last_seen, Some("2026-01-02T03:04:02Z".parse().unwrap()));
    }
}
