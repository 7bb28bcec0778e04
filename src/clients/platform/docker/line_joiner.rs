//! Lines from records: the engine cuts a line after 16 KiB, and here its parts are joined again.

use crate::clients::platform::{Line, LineSink, Stream};

/// How much of a line is kept. What follows is dropped, so that no line can use up the memory.
const LONGEST: usize = 1024 * 1024;

/// Joins the parts of lines, apart for each stream.
#[derive(Default)]
pub(crate) struct Joiner {
    begun: [Option<Begun>; 2],
}

struct Begun {
    time: Vec<u8>,
    text: Vec<u8>,
}

impl Joiner {
    /// Takes a line, or with `complete` not set a part of one.
    pub(crate) fn feed(&mut self, part: &Line<'_>, complete: bool, sink: &mut impl LineSink) {
        let slot = &mut self.begun[part.stream as usize];
        if complete && slot.is_none() {
            sink.line(part);
            return;
        }
        let begun = slot.get_or_insert_with(|| Begun { time: part.time.to_vec(), text: Vec::new() });
        let room = LONGEST.saturating_sub(begun.text.len());
        begun.text.extend_from_slice(&part.text[..part.text.len().min(room)]);
        if complete && let Some(begun) = slot.take() {
            sink.line(&begun.line(part.stream));
        }
    }

    /// Gives out lines that never ended: a program's last words may have no newline.
    pub(crate) fn finish(self, sink: &mut impl LineSink) {
        for (begun, stream) in self.begun.into_iter().zip([Stream::Stdout, Stream::Stderr]) {
            if let Some(begun) = begun {
                sink.line(&begun.line(stream));
            }
        }
    }
}

impl Begun {
    fn line(&self, stream: Stream) -> Line<'_> {
        Line { stream, time: &self.time, text: &self.text }
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
    fn parts_are_joined_apart_for_each_stream_and_bounded() {
        let mut joiner = Joiner::default();
        let mut collected = Collected::default();
        let mut feed = |stream, text: &str, complete| {
            joiner.feed(&Line { stream, time: b"", text: text.as_bytes() }, complete, &mut collected);
        };
        feed(Stream::Stdout, "a", false);
        feed(Stream::Stderr, "x", true);
        feed(Stream::Stdout, "b", true);
        feed(Stream::Stdout, "whole", true);
        let long = "l".repeat(LONGEST);
        feed(Stream::Stderr, &long, false);
        feed(Stream::Stderr, "more", true);
        feed(Stream::Stderr, "last words", false);
        joiner.finish(&mut collected);
        assert_eq!(collected.0[..3], ["x", "ab", "whole"]);
        assert_eq!(collected.0[3].len(), LONGEST);
        assert_eq!(collected.0[4], "last words");
    }
}
