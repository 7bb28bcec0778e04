//! Lines of an instance's log.

use std::any::Any;

/// The stream that a line was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output; with a terminal, both.
    Stdout,
    Stderr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) stream: Stream,
    /// When its first part was written: RFC 3339 in UTC without the closing `Z`, as [`time_key`].
    pub(crate) time: &'a [u8],
    /// Its text, without the newline.
    pub(crate) text: &'a [u8],
}

/// Receives the lines of one log in their order.
pub(crate) trait LineSink: Any + Send {
    /// Takes a line. Must be quick: the reader waits.
    fn line(&mut self, line: &Line<'_>);
}

impl LineSink for Box<dyn LineSink> {
    fn line(&mut self, line: &Line<'_>) {
        (**self).line(line);
    }
}

/// An instant in the form of a line's time, which compares as bytes: without the closing `Z` and
/// without trailing zeros of the fraction.
pub(crate) fn time_key(at: chrono::DateTime<chrono::Utc>) -> Vec<u8> {
    let text = at.format("%Y-%m-%dT%H:%M:%S%.9f").to_string();
    // There is always a fraction, so zeros of the seconds are safe.
    text.trim_end_matches('0').trim_end_matches('.').as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_compare_as_bytes() {
        let at = |text: &str| time_key(text.parse().unwrap());
        assert!(at("2026-01-02T03:04:05Z") < at("2026-01-02T03:04:05.5Z"));
        assert!(at("2026-01-02T03:04:05.45Z") < at("2026-01-02T03:04:05.5Z"));
        assert!(at("2026-01-02T03:04:05.999999999Z") < at("2026-01-02T03:04:06Z"));
        assert_eq!(at("2026-01-02T03:04:10Z"), b"2026-01-02T03:04:10");
    }
}
