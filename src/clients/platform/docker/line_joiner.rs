//! Joins the parts of long lines (the engine splits lines after 16 KiB) and cleans them before anything reads them.

use crate::base::clean::clean_line;
use crate::clients::platform::{Line, LineSink, Stream};

/// The rest of a longer line is dropped, to bound memory.
const MAX_LINE: usize = 1024 * 1024;

/// Joins the parts of lines per stream.
#[derive(Default)]
pub(crate) struct Joiner {
    partial: [Option<PartialLine>; 2],
}

struct PartialLine {
    time: Vec<u8>,
    text: Vec<u8>,
}

impl Joiner {
    /// Takes a line, or a part of one when not `complete`.
    pub(crate) fn feed(&mut self, part: &Line<'_>, complete: bool, sink: &mut impl LineSink) {
        let slot = &mut self.partial[part.stream as usize];
        if complete && slot.is_none() {
            sink.line(&Line { text: &clean_line(part.text), ..*part });
            return;
        }
        let partial = slot.get_or_insert_with(|| PartialLine { time: part.time.to_vec(), text: Vec::new() });
        let room = MAX_LINE.saturating_sub(partial.text.len());
        partial.text.extend_from_slice(&part.text[..part.text.len().min(room)]);
        if complete && let Some(partial) = slot.take() {
            partial.pass(part.stream, sink);
        }
    }

    /// Passes on unfinished lines: the last line of a program may have no newline.
    pub(crate) fn finish(self, sink: &mut impl LineSink) {
        for (partial, stream) in self.partial.into_iter().zip([Stream::Stdout, Stream::Stderr]) {
            if let Some(partial) = partial {
                partial.pass(stream, sink);
            }
        }
    }
}

impl PartialLine {
    fn pass(&self, stream: Stream, sink: &mut impl LineSink) {
        sink.line(&Line { stream, time: &self.time, text: &clean_line(&self.text) });
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    #[derive(Default)]
    pub(crate) struct Collected(pub(crate) Vec<String>);

    impl LineSink for Collected {
        fn line(&mut self, line: &Line<'_>) {
            self.0.push(String::from_utf8_lossy(line.text).into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::Collected;
    use super::*;

    #[test]
    fn parts_are_joined_per_stream_and_bounded() {
        let mut joiner = Joiner::default();
        let mut collected = Collected::default();
        let mut feed = |stream, text: &str, complete| {
            joiner.feed(&Line { stream, time: b"", text: text.as_bytes() }, complete, &mut collected);
        };
        feed(Stream::Stdout, "a", false);
        feed(Stream::Stderr, "x", true);
        feed(Stream::Stdout, "b", true);
        feed(Stream::Stdout, "whole", true);
        let long = "l".repeat(MAX_LINE);
        feed(Stream::Stderr, &long, false);
        feed(Stream::Stderr, "more", true);
        feed(Stream::Stderr, "last words", false);
        joiner.finish(&mut collected);
        assert_eq!(collected.0[..3], ["x", "ab", "whole"]);
        assert_eq!(collected.0[3].len(), MAX_LINE);
        assert_eq!(collected.0[4], "last words");
    }
}
