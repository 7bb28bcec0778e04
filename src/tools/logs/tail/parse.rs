//! Parses a log line; a JSON line into message, time and other fields.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::clients::platform::Stream;
use crate::model::LogLine;
use crate::tools::logs::tail::merge::MergedLine;
use crate::tools::logs::tail::severity::SeverityDetector;
use crate::tools::logs::tail::structured::{MESSAGE, parse_line};

const LEVEL: [&str; 5] = ["level", "severity", "levelname", "lvl", "log.level"];
const TIME: [&str; 5] = ["time", "timestamp", "ts", "@timestamp", "asctime"];

pub(crate) fn parse<'a>(merged: &MergedLine<'a>, detector: &SeverityDetector) -> LogLine<'a> {
    let (level, _) = detector.detect(merged.text);
    let stream = match merged.stream {
        Stream::Stdout => "stdout",
        Stream::Stderr => "stderr",
    };
    let (service, container) = (merged.label.service.as_str(), merged.label.container.as_str());
    let mut line = LogLine {
        time: merged.time,
        service,
        container,
        stream,
        level,
        message: Cow::Borrowed(""),
        logged_at: None,
        fields: None,
    };
    let object = merged.text.first().filter(|b| **b == b'{');
    let object = object.and_then(|_| serde_json::from_slice::<Map<String, Value>>(merged.text).ok());
    match object.map(split_fields) {
        Some((Some(message), logged_at, fields)) => {
            (line.message, line.logged_at, line.fields) = (Cow::Owned(message), logged_at, Some(fields));
        }
        _ => split_plain(merged.text, &mut line),
    }
    line
}

/// Splits a plain line of a known format.
fn split_plain<'a>(text: &'a [u8], line: &mut LogLine<'a>) {
    match std::str::from_utf8(text).ok().and_then(parse_line) {
        Some(found) => {
            line.logged_at = found.time.and_then(|time| instant(&Value::from(time)));
            line.message = found.message;
            let fields = found.fields.into_iter();
            line.fields =
                Some(fields.map(|(key, value)| (key.to_owned(), Value::from(value.into_owned()))).collect());
        }
        None => line.message = String::from_utf8_lossy(text),
    }
}

/// Splits into message, time, and the remaining fields without the level.
fn split_fields(
    mut object: Map<String, Value>,
) -> (Option<String>, Option<DateTime<Utc>>, Map<String, Value>) {
    // The default of the `tracing` crate.
    if let Some(Value::Object(nested)) = object.get("fields")
        && nested.get("message").is_some_and(Value::is_string)
    {
        let nested = nested.clone();
        object.shift_remove("fields");
        object.extend(nested);
    }
    let key = MESSAGE.iter().find(|key| object.get(**key).is_some_and(Value::is_string));
    let message = key.and_then(|key| object.shift_remove(*key));
    let message = message.and_then(|m| m.as_str().map(str::to_owned));
    let time = TIME.iter().find_map(|key| Some((*key, instant(object.get(*key)?)?)));
    if let Some((key, _)) = time {
        object.shift_remove(key);
    }
    for key in LEVEL {
        if object.get(key).is_some_and(|v| v.is_string() || v.is_number()) {
            object.shift_remove(key);
            break;
        }
    }
    (message, time.map(|(_, at)| at), object)
}

/// RFC 3339, or seconds or milliseconds since the epoch.
fn instant(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::String(text) => DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()),
        Value::Number(n) => {
            let n = n.as_f64()?;
            let seconds = if n > 1e11 { n / 1000.0 } else { n };
            #[expect(clippy::cast_possible_truncation, reason = "checked by the range")]
            (1e8..1e11)
                .contains(&seconds)
                .then_some((seconds * 1e6) as i64)
                .and_then(DateTime::from_timestamp_micros)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Label;
    use super::*;

    fn read(text: &str) -> (String, Option<String>, Option<String>) {
        let label = Label { service: "api".into(), container: "api-1".into() };
        let merged = MergedLine {
            label: &label,
            time: DateTime::UNIX_EPOCH,
            stream: Stream::Stdout,
            text: text.as_bytes(),
        };
        let line = parse(&merged, &SeverityDetector::default());
        let fields = line.fields.map(|f| Value::Object(f).to_string());
        (line.message.into_owned(), line.logged_at.map(|t| t.to_rfc3339()), fields)
    }

    #[test]
    fn json_lines_are_split_into_fields_and_others_stay_unchanged() {
        let at = || Some("2026-01-02T03:04:05+00:00".to_owned());
        for (text, message, time, fields) in [
            ("plain", "plain", None, None),
            (
                r#"{"msg":"hi","level":"info","time":"2026-01-02T03:04:05Z","n":1}"#,
                "hi",
                at(),
                Some(r#"{"n":1}"#),
            ),
            (r#"{"message":"hi","lvl":30,"ts":1767323045}"#, "hi", at(), Some("{}")),
            (r#"{"event":"hi","timestamp":1767323045000}"#, "hi", at(), Some("{}")),
            (r#"{"msg":"hi","time":"noon"}"#, "hi", None, Some(r#"{"time":"noon"}"#)),
            (
                r#"{"timestamp":"2026-01-02T03:04:05Z","level":"INFO","fields":{"message":"hi","n":1}}"#,
                "hi",
                at(),
                Some(r#"{"n":1}"#),
            ),
            ("time=2026-01-02T03:04:05Z level=info msg=hi n=1", "hi", at(), Some(r#"{"n":"1"}"#)),
            ("2026-01-02T03:04:05Z  INFO ordctl: hi n=1", "hi n=1", at(), Some(r#"{"target":"ordctl"}"#)),
            (r#"{"n":1}"#, r#"{"n":1}"#, None, None),
            (r#"{"msg":"#, r#"{"msg":"#, None, None),
        ] {
            assert_eq!(read(text), (message.to_owned(), time, fields.map(str::to_owned)), "{text}");
        }
    }
}
