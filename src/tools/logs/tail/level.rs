//! Classifies log lines as error, warning or other.
//!
//! A plain line is matched by keyword anywhere in it, so the count equals that of
//! `grep -c -E '(ERROR|CRITICAL|FATAL)'`. In a JSON line only the level field counts, not words in the message.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The keywords that mark a line as an error.
#[derive(Clone)]
pub(crate) struct Levels(Arc<Inner>);

struct Inner {
    errors: Vec<(String, Finder<'static>)>,
    warn: Finder<'static>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// The index of the matching error keyword.
    Error(usize),
    Warning,
    Other,
}

pub(crate) struct JsonFields<'a> {
    /// As written; see [`canonical_level`].
    pub(crate) level: Option<Cow<'a, str>>,
    pub(crate) message: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct JsonLine<'a> {
    #[serde(borrow, default)]
    level: Option<LevelValue<'a>>,
    #[serde(borrow, default)]
    severity: Option<LevelValue<'a>>,
    #[serde(borrow, default)]
    levelname: Option<LevelValue<'a>>,
    #[serde(borrow, default)]
    lvl: Option<LevelValue<'a>>,
    #[serde(borrow, default, rename = "log.level")]
    ecs: Option<LevelValue<'a>>,
    #[serde(borrow, default)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    msg: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    event: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    error: Option<Text<'a>>,
    #[serde(borrow, default)]
    err: Option<Text<'a>>,
    /// The default of the `tracing` crate.
    #[serde(borrow, default)]
    fields: Option<Nested<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Nested<'a> {
    #[serde(borrow)]
    Object(NestedFields<'a>),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct NestedFields<'a> {
    #[serde(borrow, default)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    error: Option<Text<'a>>,
}

/// A field that is often a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text<'a> {
    #[serde(borrow)]
    Text(Cow<'a, str>),
    Other(IgnoredAny),
}

impl<'a> Text<'a> {
    fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other(_) => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LevelValue<'a> {
    Number(serde_json::Number),
    #[serde(borrow)]
    Name(Cow<'a, str>),
}

impl Levels {
    pub(crate) fn new(words: &[String]) -> Self {
        let words = words.iter().filter(|w| !w.is_empty());
        let errors = words.map(|w| (w.clone(), Finder::new(w.as_bytes()).into_owned())).collect();
        Self(Arc::new(Inner { errors, warn: Finder::new("WARN") }))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.errors.iter().map(|(word, _)| word.as_str())
    }

    /// The level of a line, and its message.
    pub(crate) fn classify<'a>(&self, line: &'a [u8]) -> (Level, Cow<'a, [u8]>) {
        let Some(json) = parse_json(line) else { return (self.by_keyword(line), Cow::Borrowed(line)) };
        let level = json.level.map_or_else(|| self.by_keyword(line), |name| self.by_name(&name));
        (level, message_or_line(json.message, line))
    }

    fn by_keyword(&self, line: &[u8]) -> Level {
        let found = self.0.errors.iter().position(|(_, finder)| finder.find(line).is_some());
        match found {
            Some(i) => Level::Error(i),
            None if self.0.warn.find(line).is_some() => Level::Warning,
            None => Level::Other,
        }
    }

    fn by_name(&self, name: &str) -> Level {
        let canonical = canonical_level(name);
        match self.names().position(|n| n == canonical || n.eq_ignore_ascii_case(name)) {
            Some(i) => Level::Error(i),
            None if canonical == "WARN" => Level::Warning,
            None => Level::Other,
        }
    }
}

/// Reads level and message if the line is a JSON object.
pub(crate) fn parse_json(line: &[u8]) -> Option<JsonFields<'_>> {
    if line.first() != Some(&b'{') {
        return None;
    }
    let json: JsonLine<'_> = serde_json::from_slice(line).ok()?;
    let level = json.level.or(json.severity).or(json.levelname).or(json.lvl).or(json.ecs);
    let nested = json.fields.and_then(|fields| match fields {
        Nested::Object(fields) => Some(fields),
        Nested::Other(_) => None,
    });
    let (inner, inner_error) = nested.map_or((None, None), |fields| (fields.message, fields.error));
    let message = json.message.or(json.msg).or(json.event).or(inner);
    let error = json.error.or(json.err).or(inner_error).and_then(Text::text);
    let message = match (message, error) {
        // The error tells lines with the same message apart.
        (Some(message), Some(error)) => Some(Cow::Owned(format!("{message} error={error}"))),
        (message, _) => message,
    };
    Some(JsonFields { level: level.map(level_name), message })
}

pub(crate) fn message_or_line<'a>(message: Option<Cow<'a, str>>, line: &'a [u8]) -> Cow<'a, [u8]> {
    match message {
        Some(Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
        Some(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
        None => Cow::Borrowed(line),
    }
}

/// Numeric levels are those of pino and bunyan.
fn level_name(value: LevelValue<'_>) -> Cow<'_, str> {
    match value {
        LevelValue::Name(name) => name,
        LevelValue::Number(n) => match n.as_i64().unwrap_or_default() {
            60.. => "FATAL",
            50..60 => "ERROR",
            40..50 => "WARN",
            30..40 => "INFO",
            20..30 => "DEBUG",
            _ => "TRACE",
        }
        .into(),
    }
}

/// Maps the level names of common loggers to one upper-case name.
pub(crate) fn canonical_level(name: &str) -> String {
    let upper = name.to_uppercase();
    match upper.as_str() {
        "ERR" | "EROR" => "ERROR".to_owned(),
        "CRIT" | "ALERT" => "CRITICAL".to_owned(),
        "PANIC" | "DPANIC" | "EMERG" | "EMERGENCY" => "FATAL".to_owned(),
        "WARNING" => "WARN".to_owned(),
        _ => upper,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(line: &str) -> Level {
        Levels::new(&["ERROR", "CRITICAL", "FATAL"].map(str::to_owned)).classify(line.as_bytes()).0
    }

    #[test]
    fn plain_lines_are_classified_like_grep() {
        assert_eq!(level("2026-01-02 ERROR [api] x"), Level::Error(0));
        assert_eq!(level("MyCRITICALthing"), Level::Error(1));
        assert_eq!(level("FATAL:  the database system is starting up"), Level::Error(2));
        assert_eq!(level("INFO retry after ERROR"), Level::Error(0));
        assert_eq!(level("WARNING: x"), Level::Warning);
        assert_eq!(level("error in lower case"), Level::Other);
    }

    #[test]
    fn level_field_of_a_json_line_wins_over_keywords() {
        assert_eq!(level(r#"{"level":"error","msg":"x"}"#), Level::Error(0));
        assert_eq!(level(r#"{"severity":"CRIT"}"#), Level::Error(1));
        assert_eq!(level(r#"{"level":60,"msg":"x"}"#), Level::Error(2));
        assert_eq!(level(r#"{"level":"info","msg":"no ERROR here"}"#), Level::Other);
        assert_eq!(level(r#"{"log.level":"warning"}"#), Level::Warning);
        assert_eq!(level(r#"{"msg":"ERROR without a level"}"#), Level::Error(0));
        assert_eq!(level(r#"{broken ERROR"#), Level::Error(0));
        let levels = Levels::new(&["ERROR".to_owned()]);
        let (_, message) = levels.classify(br#"{"level":"error","msg":"pool \"a\" is empty"}"#);
        assert_eq!(&*message, br#"pool "a" is empty"#);
    }
}
