//! Batches of lines, sent from the reader of a log to the merge of several logs.

use crate::clients::platform::{Line, LineSink, Stream};

/// A batch is sent when it holds this many bytes or lines.
const BYTES: usize = 64 * 1024;
const LINES: usize = 1024;

/// Lines of one instance, in the order of its log.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    text: Vec<u8>,
    lines: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    at: i64,
    stream: Stream,
    end: usize,
}

/// A line of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimedLine<'a> {
    /// When its first part was written, in nanoseconds since 1970.
    pub(crate) at: i64,
    pub(crate) stream: Stream,
    /// Its text, without the newline.
    pub(crate) text: &'a [u8],
}

impl Batch {
    /// Appends a line. A line whose time cannot be parsed gets the time of the line before.
    pub(crate) fn push(&mut self, line: &Line<'_>) {
        let before = self.lines.last().map_or(0, |l| l.at);
        self.text.extend_from_slice(line.text);
        let at = nanoseconds(line.time).unwrap_or(before);
        self.lines.push(Entry { at, stream: line.stream, end: self.text.len() });
    }

    pub(crate) fn get(&self, index: usize) -> Option<TimedLine<'_>> {
        let Entry { at, stream, end } = *self.lines.get(index)?;
        let begin = index.checked_sub(1).and_then(|p| self.lines.get(p)).map_or(0, |l| l.end);
        Some(TimedLine { at, stream, text: &self.text[begin..end] })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether it is large enough to be sent.
    pub(crate) fn is_full(&self) -> bool {
        self.text.len() >= BYTES || self.lines.len() >= LINES
    }
}

/// Selects the lines that are sent.
pub(crate) trait LineFilter: Send + 'static {
    fn accepts(&self, line: &Line<'_>) -> bool;
}

/// Collects the lines that pass a filter, and remembers how far the log was read.
pub(super) struct BatchBuilder {
    filter: Box<dyn LineFilter>,
    pub(super) batch: Batch,
    /// The time of the last line, accepted or not.
    pub(super) last: Vec<u8>,
}

impl BatchBuilder {
    pub(super) fn new(filter: Box<dyn LineFilter>) -> Self {
        Self { filter, batch: Batch::default(), last: Vec::new() }
    }
}

impl LineSink for BatchBuilder {
    fn line(&mut self, line: &Line<'_>) {
        if line.time > self.last.as_slice() {
            self.last.clear();
            self.last.extend_from_slice(line.time);
        }
        if self.filter.accepts(line) {
            self.batch.push(line);
        }
    }
}

/// `2026-01-02T03:04:05.678` as nanoseconds since 1970. Parsed by hand: logs bring a million of them in
/// a second.
fn nanoseconds(time: &[u8]) -> Option<i64> {
    let number = |from: usize, to: usize| {
        time.get(from..to)?.iter().try_fold(0i64, |n, b| match b {
            b'0'..=b'9' => Some(n * 10 + i64::from(b - b'0')),
            _ => None,
        })
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let fraction = match time.len() {
        0..=20 => 0,
        end => number(20, end)? * 10i64.checked_pow(u32::try_from(29 - end.min(29)).ok()?)?,
    };
    // Days since 1970, counting years from March so that the leap day comes last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 719_469;
    (((days * 24 + hour) * 60 + minute) * 60 + second).checked_mul(1_000_000_000)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_parsed_as_chrono_parses_them() {
        for text in [
            "1970-01-01T00:00:00",
            "2000-02-29T23:59:59.999999999",
            "2026-01-02T03:04:05.5",
            "2026-11-21T08:50:19.000000001",
            "2100-03-01T00:00:00.12",
        ] {
            let expected: chrono::DateTime<chrono::Utc> = format!("{text}Z").parse().unwrap();
            assert_eq!(nanoseconds(text.as_bytes()), expected.timestamp_nanos_opt(), "{text}");
        }
        assert_eq!(nanoseconds(b""), None);
        assert_eq!(nanoseconds(b"2026-01-02"), None);
        assert_eq!(nanoseconds(b"2026-01-02T03:04:05.x"), None);
    }

    #[test]
    fn lines_come_back_unchanged() {
        let mut batch = Batch::default();
        let line = |time: &'static str, text: &'static str| Line {
            stream: Stream::Stderr,
            time: time.as_bytes(),
            text: text.as_bytes(),
        };
        batch.push(&line("1970-01-01T00:00:01", "one"));
        batch.push(&line("?", ""));
        batch.push(&line("1970-01-01T00:00:02", "three"));
        let got: Vec<(i64, &[u8])> = (0..).map_while(|i| batch.get(i)).map(|l| (l.at, l.text)).collect();
        let second = 1_000_000_000;
        assert_eq!(got, [(second, &b"one"[..]), (second, b""), (2 * second, b"three")]);
    }
}
