//! Parses plain log lines of known formats: logfmt, the text of the `tracing` crate (as `ordctl serve` writes it), and
//! Redis.

use std::borrow::Cow;

use crate::model::Severity;

/// Fields that hold the message, also in JSON, the preferred one first.
pub(super) const MESSAGE: [&str; 3] = ["message", "msg", "event"];
const LEVEL: [&str; 3] = ["level", "lvl", "severity"];
const TIME: [&str; 4] = ["time", "ts", "timestamp", "t"];

/// A line, split. Its texts are as written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct StructuredLine<'a> {
    pub(crate) level: &'a str,
    pub(crate) time: Option<&'a str>,
    pub(crate) message: Cow<'a, str>,
    /// The other fields.
    pub(crate) fields: Vec<(&'a str, Cow<'a, str>)>,
}

pub(crate) fn parse_line(line: &str) -> Option<StructuredLine<'_>> {
    tracing_line(line).or_else(|| logfmt_line(line))
}

/// `time=... level=info msg="..." key=value`: every word is a pair, and one is the level or the message.
fn logfmt_line(line: &str) -> Option<StructuredLine<'_>> {
    let mut found = StructuredLine::default();
    let (mut rest, mut is_log) = (line.trim(), false);
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let is_key = |c: char| c.is_ascii_alphanumeric() || "_.-/@".contains(c);
        if key.is_empty() || !key.chars().all(is_key) {
            return None;
        }
        let (value, after) = value(after)?;
        match value {
            value if MESSAGE.contains(&key) && found.message.is_empty() => {
                (found.message, is_log) = (value, true)
            }
            Cow::Borrowed(level) if LEVEL.contains(&key) && found.level.is_empty() => {
                (found.level, is_log) = (level, true);
            }
            Cow::Owned(_) if LEVEL.contains(&key) && found.level.is_empty() => return None,
            Cow::Borrowed(time) if TIME.contains(&key) && found.time.is_none() => found.time = Some(time),
            value => found.fields.push((key, value)),
        }
        rest = after.trim_start();
    }
    is_log.then_some(found)
}

/// A value and the text after it.
fn value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(' ').unwrap_or(text.len());
        return Some((Cow::Borrowed(&text[..end]), &text[end..]));
    };
    let mut is_escaped = false;
    let end = quoted.find(|c| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    let (value, after) = (&quoted[..end], &quoted[end + 1..]);
    let value = match value.contains('\\') {
        true => Cow::Owned(value.replace("\\\"", "\"").replace("\\n", " ").replace("\\\\", "\\")),
        false => Cow::Borrowed(value),
    };
    Some((value, after))
}

/// `2026-01-02T03:04:05.678Z  INFO span{key=value}: crate::module: message key=value`
fn tracing_line(line: &str) -> Option<StructuredLine<'_>> {
    let (time, rest) = line.split_once(' ')?;
    let is_time = time.len() >= 20 && time.ends_with('Z') && time.as_bytes()[10] == b'T';
    let (level, mut rest) = rest.trim_start().split_once(' ')?;
    if !is_time || !["TRACE", "DEBUG", "INFO", "WARN", "ERROR"].contains(&level) {
        return None;
    }
    let is_name =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_:.".contains(c));
    let mut fields = Vec::new();
    let spans = rest.find('{').filter(|at| is_name(&rest[..*at])).and_then(|_| rest.find("}: "));
    if let Some(end) = spans {
        fields.push(("spans", Cow::Borrowed(&rest[..=end])));
        rest = &rest[end + 3..];
    }
    let (target, message) = rest.split_once(": ").filter(|(target, _)| is_name(target))?;
    fields.push(("target", Cow::Borrowed(target)));
    Some(StructuredLine { level, time: Some(time), message: Cow::Borrowed(message), fields })
}

/// The severity and the message of a line of Redis, which marks the severity after the time:
/// `1:M 02 Jan 2026 03:04:05.678 * DB saved on disk`.
pub(crate) fn redis_line(line: &[u8]) -> Option<(Severity, &[u8])> {
    let mut words = line.splitn(7, |b| *b == b' ');
    let (process, role) = words.next()?.split_at_checked(line.iter().position(|b| *b == b':')?)?;
    let is_process = !process.is_empty() && process.iter().all(u8::is_ascii_digit) && role.len() == 2;
    let (day, year) = (words.next()?, words.nth(1)?);
    let is_date = day.len() == 2 && year.len() == 4 && year.iter().all(u8::is_ascii_digit);
    let severity = match words.nth(1)? {
        b"." | b"-" => Severity::Debug,
        b"*" => Severity::Info,
        b"#" => Severity::Warn,
        _ => return None,
    };
    (is_process && is_date).then_some((severity, words.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logfmt_lines_are_split_and_prose_is_not() {
        let line =
            r#"ts=2026-01-02T03:04:05Z caller=main.go:3 level=warn msg="cannot \"read\"" err="no such file""#;
        let found = parse_line(line).unwrap();
        assert_eq!((found.level, found.time), ("warn", Some("2026-01-02T03:04:05Z")));
        assert_eq!(found.message, r#"cannot "read""#);
        assert_eq!(found.fields, [("caller", "main.go:3".into()), ("err", "no such file".into())]);
        for prose in ["retry with level=error set", "a=1 b=2", "level=info msg=\"open", "=x", ""] {
            assert_eq!(parse_line(prose), None, "{prose}");
        }
    }

    #[test]
    fn the_text_of_tracing_is_split_into_spans_target_and_message() {
        let run = "2026-01-02T03:04:05.678901Z  INFO run{id=1 task=2}: ordctl::engine: no rows: \
                   done error=x: y";
        let found = parse_line(run).unwrap();
        assert_eq!((found.level, &*found.message), ("INFO", "no rows: done error=x: y"));
        assert_eq!(found.fields, [("spans", "run{id=1 task=2}".into()), ("target", "ordctl::engine".into())]);
        let plain = parse_line("2026-01-02T03:04:05Z ERROR ordctl: gone").unwrap();
        assert_eq!((plain.level, &*plain.message), ("ERROR", "gone"));
        assert_eq!(parse_line("2026-01-02T03:04:05Z ERROR it is gone"), None);
        assert_eq!(parse_line("2026-01-02T03:04:05Z NOTICE ordctl: gone"), None);
    }

    #[test]
    fn redis_marks_the_severity_with_a_character() {
        let line = |mark: &str| format!("1:M 02 Jan 2026 03:04:05.678 {mark} DB saved on disk");
        let message = b"DB saved on disk".as_slice();
        assert_eq!(redis_line(line("*").as_bytes()), Some((Severity::Info, message)));
        assert_eq!(redis_line(line("#").as_bytes()), Some((Severity::Warn, message)));
        assert_eq!(redis_line(line("INFO").as_bytes()), None);
        for other in ["", "1:M", "12:30 02 Jan 2026 x * y", "a b c d e * f"] {
            assert_eq!(redis_line(other.as_bytes()), None, "{other}");
        }
    }
}
