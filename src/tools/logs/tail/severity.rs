//! Detects the severity and the message of a log line.
//!
//! Errors are those of [`super::level`]: the level field of JSON and logfmt lines, upper-case keywords in all others.

use std::borrow::Cow;

use memchr::memmem::Finder;

use crate::model::Severity;
use crate::tools::logs::tail::level::{Level, Levels, canonical_level, message_or_line, parse_json};
use crate::tools::logs::tail::structured::{StructuredLine, parse_line, redis_line};

/// Keywords of severities below warning.
const LOW_KEYWORDS: [(&str, Severity); 5] = [
    ("INFO", Severity::Info),
    ("NOTICE", Severity::Info),
    ("LOG:", Severity::Info),
    ("DEBUG", Severity::Debug),
    ("TRACE", Severity::Trace),
];

/// Fields that hold an error.
const ERROR: [&str; 2] = ["error", "err"];

/// Level keys of logfmt lines.
const LEVEL_KEYS: [&str; 3] = ["level=", "lvl=", "severity="];

#[derive(Clone)]
pub(crate) struct SeverityDetector {
    levels: Levels,
    low: [(Finder<'static>, Severity); 5],
    keys: [Finder<'static>; 3],
}

impl Default for SeverityDetector {
    fn default() -> Self {
        Self {
            levels: Levels::new(&["FATAL", "CRITICAL", "PANIC", "ERROR"].map(str::to_owned)),
            low: LOW_KEYWORDS.map(|(word, severity)| (Finder::new(word), severity)),
            keys: LEVEL_KEYS.map(Finder::new),
        }
    }
}

impl SeverityDetector {
    /// The severity of a line, if it has one, and its message.
    pub(crate) fn detect<'a>(&self, line: &'a [u8]) -> (Option<Severity>, Cow<'a, [u8]>) {
        match parse_json(line) {
            Some(json) => {
                let level = json.level.map_or_else(|| self.by_keyword(line), |name| by_name(&name));
                (level, message_or_line(json.message, line))
            }
            None => self.detect_plain(line),
        }
    }

    fn detect_plain<'a>(&self, line: &'a [u8]) -> (Option<Severity>, Cow<'a, [u8]>) {
        if let Some((severity, message)) = redis_line(line) {
            return (Some(severity), Cow::Borrowed(message));
        }
        let level = self.by_logfmt_key(line);
        let is_dated = line.get(10) == Some(&b'T');
        // Only lines that can have a known format are split.
        let text = std::str::from_utf8(line).ok().filter(|_| level.is_some() || is_dated);
        match text.and_then(parse_line) {
            Some(found) => {
                let severity = by_name(found.level).or(level).or_else(|| self.by_keyword(line));
                (severity, message_of(found))
            }
            None => (level.or_else(|| self.by_keyword(line)), Cow::Borrowed(line)),
        }
    }

    fn by_keyword(&self, line: &[u8]) -> Option<Severity> {
        match self.levels.classify(line).0 {
            Level::Error(0..=2) => Some(Severity::Critical),
            Level::Error(_) => Some(Severity::Error),
            Level::Warning => Some(Severity::Warn),
            Level::Other => self.low.iter().find(|(word, _)| word.find(line).is_some()).map(|(_, s)| *s),
        }
    }

    /// `level=error`
    fn by_logfmt_key(&self, line: &[u8]) -> Option<Severity> {
        self.keys.iter().find_map(|key| {
            let at = key.find(line)?;
            let is_key_start = at == 0 || line[at - 1] == b' ';
            let rest = &line[at + key.needle().len()..];
            let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
            let end = rest.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
            let word = std::str::from_utf8(&rest[..end]).ok().filter(|_| is_key_start)?;
            by_name(word)
        })
    }
}

/// The message with the error, which tells lines with the same message apart.
fn message_of(line: StructuredLine<'_>) -> Cow<'_, [u8]> {
    let error = line.fields.iter().find(|(key, _)| ERROR.contains(key)).map(|(_, error)| error);
    match error {
        Some(error) => Cow::Owned(format!("{} error={error}", line.message).into_bytes()),
        None => match line.message {
            Cow::Borrowed(message) => Cow::Borrowed(message.as_bytes()),
            Cow::Owned(message) => Cow::Owned(message.into_bytes()),
        },
    }
}

fn by_name(name: &str) -> Option<Severity> {
    Some(match canonical_level(name).as_str() {
        "FATAL" | "CRITICAL" => Severity::Critical,
        "ERROR" => Severity::Error,
        "WARN" => Severity::Warn,
        "INFO" | "NOTICE" | "LOG" | "INFORMATION" => Severity::Info,
        "DEBUG" => Severity::Debug,
        "TRACE" => Severity::Trace,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_is_detected_in_plain_json_and_logfmt_lines() {
        let detector = SeverityDetector::default();
        for (line, level) in [
            ("2026-01-02 ERROR [api] x", Some(Severity::Error)),
            ("FATAL:  the database system is starting up", Some(Severity::Critical)),
            ("PANIC: x", Some(Severity::Critical)),
            ("WARNING: x", Some(Severity::Warn)),
            ("2026-01-02 [7] LOG:  duration: 5 ms", Some(Severity::Info)),
            ("DEBUG x", Some(Severity::Debug)),
            ("plain words", None),
            (r#"{"level":"error","msg":"x"}"#, Some(Severity::Error)),
            (r#"{"level":"info","msg":"no ERROR here"}"#, Some(Severity::Info)),
            (r#"{"level":50}"#, Some(Severity::Error)),
            (r#"{"msg":"ERROR without a level"}"#, Some(Severity::Error)),
            ("ts=1 level=error msg=x", Some(Severity::Error)),
            ("level=\"warn\" msg=x", Some(Severity::Warn)),
            ("level=info msg=\"no ERROR here\"", Some(Severity::Info)),
            ("sealevel=error", None),
            ("1:M 02 Jan 2026 03:04:05.678 * DB saved on disk", Some(Severity::Info)),
            ("2026-01-02T03:04:05.678Z  WARN ordctl::engine: no ERROR here", Some(Severity::Warn)),
        ] {
            assert_eq!(detector.detect(line.as_bytes()).0, level, "{line}");
        }
    }

    #[test]
    fn the_message_keeps_the_error_and_drops_the_rest() {
        let detector = SeverityDetector::default();
        for (line, message) in [
            (r#"{"level":"error","msg":"cannot read","error":"gone","n":1}"#, "cannot read error=gone"),
            (
                r#"{"level":"error","fields":{"message":"cannot read","error":"gone"}}"#,
                "cannot read error=gone",
            ),
            (r#"{"level":"error","msg":"cannot read","error":{"code":1}}"#, "cannot read"),
            (r#"level=error msg="cannot read" err="no file" n=1"#, "cannot read error=no file"),
            ("2026-01-02T03:04:05Z ERROR ordctl: cannot read error=gone", "cannot read error=gone"),
            ("1:M 02 Jan 2026 03:04:05.678 * DB saved on disk", "DB saved on disk"),
            ("cannot read error=gone", "cannot read error=gone"),
        ] {
            assert_eq!(String::from_utf8_lossy(&detector.detect(line.as_bytes()).1), message, "{line}");
        }
    }
}
