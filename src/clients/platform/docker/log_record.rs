//! One record of a json-file log: `{"log":"text\n","stream":"stdout","time":"…Z"}`.
//!
//! The engine is the only writer and the form is fixed, so records are parsed by hand, without copying the
//! text unless it contains escapes.

use memchr::{memchr, memchr2, memmem};

use crate::clients::platform::Stream;

/// A line, or the part of a long line that fits into a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub(crate) stream: Stream,
    /// RFC 3339 in UTC without the closing `Z`; compares as bytes, see [`time_key`](crate::clients::platform::time_key).
    pub(crate) time: &'a [u8],
    pub(crate) text: &'a [u8],
    /// Whether the line ends with this record.
    pub(crate) complete: bool,
}

/// Parses a record without its newline; none where it has another form. `scratch` holds unescaped text.
pub(crate) fn parse<'a>(line: &'a [u8], scratch: &'a mut Vec<u8>) -> Option<Record<'a>> {
    let body = line.strip_prefix(b"{\"log\":\"")?;
    let mut at = memchr2(b'"', b'\\', body)?;
    // Most lines contain one escape: the newline at the end.
    let (text, complete, rest): (&[u8], bool, &[u8]) = if body[at] == b'"' {
        (&body[..at], false, &body[at + 1..])
    } else if body[at..].starts_with(b"\\n\"") {
        (&body[..at], true, &body[at + 3..])
    } else {
        scratch.clear();
        let mut from = 0;
        while body[at] != b'"' {
            scratch.extend_from_slice(&body[from..at]);
            from = at + unescape(&body[at..], scratch)?;
            at = from + memchr2(b'"', b'\\', &body[from..])?;
        }
        scratch.extend_from_slice(&body[from..at]);
        let complete = scratch.last() == Some(&b'\n');
        if complete {
            scratch.pop();
        }
        (scratch.as_slice(), complete, &body[at + 1..])
    };
    let (stream, time) = tail(rest)?;
    let text = text.strip_suffix(b"\r").filter(|_| complete).unwrap_or(text);
    Some(Record { stream, time, text, complete })
}

/// `,"stream":"stdout",…,"time":"…Z"}`, with optional attributes in between.
fn tail(rest: &[u8]) -> Option<(Stream, &[u8])> {
    let after = rest.strip_prefix(b",\"stream\":\"")?;
    let stream = match &after[..memchr(b'"', after)?] {
        b"stdout" => Stream::Stdout,
        b"stderr" => Stream::Stderr,
        _ => return None,
    };
    let body = after.strip_suffix(b"Z\"}")?;
    let time = &body[memmem::rfind(body, b"\"time\":\"")? + "\"time\":\"".len()..];
    let plausible = time.len() >= "2006-01-02T15:04:05".len() && time.get(4) == Some(&b'-');
    plausible.then_some((stream, time))
}

/// Appends the unescaped character, and returns the length of the escape.
fn unescape(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let plain = match text.get(1)? {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' => 12,
        b'u' => return unicode(text, out),
        other => *other,
    };
    out.push(plain);
    Some(2)
}

fn unicode(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let unit = |at: usize| {
        let digits = std::str::from_utf8(text.get(at..at + 4)?).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let first = unit(2)?;
    let (code, length) = match first {
        0xD800..0xDC00 if text.get(6..8) == Some(b"\\u") => match unit(8)? {
            low @ 0xDC00..0xE000 => (0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00), 12),
            _ => (first, 6),
        },
        _ => (first, 6),
    };
    let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &str) -> Option<(String, bool)> {
        let mut scratch = Vec::new();
        let record = parse(line.as_bytes(), &mut scratch)?;
        Some((String::from_utf8_lossy(record.text).into_owned(), record.complete))
    }

    fn line(log: &str) -> String {
        format!(r#"{{"log":"{log}","stream":"stderr","time":"2026-01-02T03:04:05.6Z"}}"#)
    }

    #[test]
    fn text_stream_and_time_are_parsed() {
        let line = line(r"hello\n");
        let mut scratch = Vec::new();
        let record = parse(line.as_bytes(), &mut scratch).unwrap();
        assert_eq!(record.stream, Stream::Stderr);
        assert_eq!(record.time, b"2026-01-02T03:04:05.6");
        assert_eq!(record.text, b"hello");
        assert!(record.complete);
    }

    #[test]
    fn escapes_partial_lines_and_attributes_are_parsed() {
        let parsed = |log: &str| text(&line(log)).unwrap();
        assert_eq!(parsed(r#"{\"a\":\"b\\c\"}\r\n"#), (r#"{"a":"b\c"}"#.into(), true));
        assert_eq!(parsed(r"\u003cä\ud83d\ude00\u001b\n"), ("<ä😀\u{1b}".into(), true));
        assert_eq!(parsed("part of a line"), ("part of a line".into(), false));
        assert_eq!(parsed(r"tab\tpart"), ("tab\tpart".into(), false));
        assert_eq!(parsed(r"\n"), (String::new(), true));
        let attrs = r#"{"log":"x\n","stream":"stdout","attrs":{"time":"1"},"time":"2026-01-02T03:04:05Z"}"#;
        assert_eq!(text(attrs), Some(("x".into(), true)));
    }

    #[test]
    fn other_forms_are_not_records() {
        for odd in ["", "{}", r#"{"log":"x"#, r#"{"log":"x\n","stream":"stdout","time":"20"#, "\0\0\0"] {
            assert_eq!(text(odd), None, "{odd}");
        }
    }
}
