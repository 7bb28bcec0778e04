//! Counts the lines of a log by level and pattern.

use crate::clients::platform::{Line, LineSink};

use crate::tools::logs::check::LogState;
use crate::tools::logs::tail::{Level, Levels, Patterns};

pub(crate) struct Counter {
    levels: Levels,
    counts: Vec<u64>,
    warnings: u64,
    lines: u64,
    patterns: Patterns,
}

impl Counter {
    pub(crate) fn new(levels: Levels) -> Self {
        let counts = vec![0; levels.names().count()];
        Self { levels, counts, warnings: 0, lines: 0, patterns: Patterns::default() }
    }

    pub(crate) fn errors(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub(crate) fn merge(mut self, other: Self) -> Self {
        for (ours, theirs) in self.counts.iter_mut().zip(other.counts) {
            *ours += theirs;
        }
        self.warnings += other.warnings;
        self.lines += other.lines;
        self.patterns.merge(other.patterns);
        self
    }

    /// The counts, with the `top` most frequent patterns.
    pub(crate) fn finish(self, top: usize) -> LogState {
        LogState {
            errors: self.errors(),
            warnings: self.warnings,
            lines: self.lines,
            by_level: self.levels.names().map(str::to_owned).zip(self.counts).collect(),
            patterns: self.patterns.top(top),
        }
    }
}

impl LineSink for Counter {
    fn line(&mut self, line: &Line<'_>) {
        self.lines += 1;
        let (level, text) = self.levels.classify(line.text);
        match level {
            Level::Error(i) => {
                self.counts[i] += 1;
                self.patterns.add(&text, line);
            }
            Level::Warning => self.warnings += 1,
            Level::Other => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::platform::Stream;

    fn count(lines: &[&str]) -> Counter {
        let mut counter = Counter::new(Levels::new(&["ERROR".into(), "FATAL".into()]));
        for text in lines {
            counter.line(&Line {
                stream: Stream::Stderr,
                time: b"2026-01-02T03:04:05",
                text: text.as_bytes(),
            });
        }
        counter
    }

    #[test]
    fn counts_of_two_logs_are_merged() {
        let one = count(&["ERROR a 1", "INFO", "WARN b", "FATAL ERROR c"]);
        let two = count(&["ERROR a 2", "FATAL d"]);
        let state = one.merge(two).finish(1);
        assert_eq!((state.errors, state.warnings, state.lines), (4, 1, 6));
        assert_eq!(state.by_level.values().copied().collect::<Vec<_>>(), [3, 1]);
        assert_eq!((state.patterns[0].pattern.as_str(), state.patterns[0].count), ("ERROR a #", 2));
    }
}
