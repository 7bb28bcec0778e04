//! Lines on their way from who reads a log to who merges several.

use crate::clients::platform::docker::Stream;
use crate::clients::platform::docker::lines::{Line, LineSink};

/// A batch is handed on when it holds so many bytes, or so many lines.
const BYTES: usize = 64 * 1024;
const LINES: usize = 1024;

/// Lines of one container, in the order of its log.
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
pub(crate) struct Stamped<'a> {
    /// When it began, in nanoseconds since 1970.
    pub(crate) at: i64,
    pub(crate) stream: Stream,
    /// Its text, without the newline.
    pub(crate) text: &'a [u8],
}

impl Batch {
    /// Appends a line; one whose time cannot be read has that of the line before.
    pub(crate) fn push(&mut self, line: &Line<'_>) {
        let before = self.lines.last().map_or(0, |l| l.at);
        self.text.extend_from_slice(line.text);
        let at = nanoseconds(line.time).unwrap_or(before);
        self.lines.push(Entry { at, stream: line.stream, end: self.text.len() });
    }

    /// The line at a place.
    pub(crate) fn get(&self, place: usize) -> Option<Stamped<'_>> {
        let Entry { at, stream, end } = *self.lines.get(place)?;
        let begin = place.checked_sub(1).and_then(|p| self.lines.get(p)).map_or(0, |l| l.end);
        Some(Stamped { at, stream, text: &self.text[begin..end] })
    }

    /// Whether there is no line in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether it is large enough to be handed on.
    pub(crate) fn is_full(&self) -> bool {
        self.text.len() >= BYTES || self.lines.len() >= LINES
    }
}

/// Decides which lines are wanted.
pub(crate) trait Picks: Send + 'static {
    fn wants(&self, line: &Line<'_>) -> bool;
}

/// Gathers the wanted lines, and remembers how far the log was read.
pub(crate) struct Gathering<P> {
    picks: P,
    pub(crate) batch: Batch,
    /// The time of the last line that came, wanted or not.
    pub(crate) last: Vec<u8>,
}

impl<P: Picks> Gathering<P> {
    pub(crate) fn new(picks: P) -> Self {
        Self { picks, batch: Batch::default(), last: Vec::new() }
    }
}

impl<P: Picks> LineSink for Gathering<P> {
    fn line(&mut self, line: &Line<'_>) {
        if line.time > self.last.as_slice() {
            self.last.clear();
            self.last.extend_from_slice(line.time);
        }
        if self.picks.wants(line) {
            self.batch.push(line);
        }
    }
}

/// `2026-01-02T03:04:05.678` as nanoseconds since 1970. The engine's own form, so it is read
/// without a parser: a million of them come in a second.
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
    // Days since 1970, counting years from March so that the leap day is a year's last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 719_469;
    (((days * 24 + hour) * 60 + minute) * 60 + second).checked_mul(1_000_000_000)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_chrono_reads_them() {
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
    fn lines_come_out_as_they_went_in() {
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
