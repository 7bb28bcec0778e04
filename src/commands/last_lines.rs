//! The last lines of `logs -n`, within a limit of bytes: one line may have a megabyte.

use std::collections::VecDeque;

use crate::base::units;
use crate::render::stdio;

/// Maximum of the lines together.
const BYTES: usize = 32 << 20;

pub(super) struct LastLines {
    wanted: usize,
    lines: VecDeque<Box<str>>,
    bytes: usize,
    pushed: usize,
}

impl LastLines {
    pub(super) fn new(wanted: usize) -> Self {
        Self { wanted, lines: VecDeque::new(), bytes: 0, pushed: 0 }
    }

    pub(super) fn push(&mut self, line: &str) {
        self.pushed += 1;
        self.bytes += line.len();
        self.lines.push_back(line.into());
        while self.lines.len() > self.wanted || self.bytes > BYTES {
            self.bytes -= self.lines.pop_front().map_or(0, |line| line.len());
        }
    }

    /// Warns about wanted lines that exceed the limit; true if there are none.
    pub(super) fn warn(&self) -> bool {
        let wanted = self.pushed.min(self.wanted);
        let left_out = wanted - self.lines.len();
        if left_out > 0 {
            stdio::note(&format!(
                "warning: {} of the last {} are left out: together they exceed {}",
                units::count(left_out as f64),
                units::counted(wanted as f64, "line"),
                units::bytes(BYTES as f64)
            ));
        }
        left_out == 0
    }

    pub(super) fn into_lines(self) -> impl Iterator<Item = Box<str>> {
        self.lines.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_within_the_limit() {
        let mut last = LastLines::new(2);
        ["a", "b", "c"].iter().for_each(|line| last.push(line));
        assert!(last.warn());
        assert_eq!(last.into_lines().map(String::from).collect::<Vec<_>>(), ["b", "c"]);
        let mut last = LastLines::new(10);
        let long = "x".repeat(BYTES / 4);
        (0..6).for_each(|_| last.push(&long));
        assert!(!last.warn() && last.bytes <= BYTES && last.lines.len() == 4);
    }
}
