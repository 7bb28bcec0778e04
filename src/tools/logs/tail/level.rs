//! What level a line has.
//!
//! In a plain line the words decide, wherever they stand, so that the count is that of
//! `grep -c -E '(ERROR|CRITICAL|FATAL)'`. In a JSON line its level field decides: there the same
//! word in a message says nothing.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::memmem::Finder;
use serde::Deserialize;

/// The words that count as errors.
#[derive(Clone)]
pub(crate) struct Levels(Arc<Inner>);

struct Inner {
    errors: Vec<(String, Finder<'static>)>,
    warn: Finder<'static>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// An error, by the place of its word among those that count.
    Error(usize),
    Warning,
    Other,
}

/// What a JSON line says of itself.
pub(crate) struct Told<'a> {
    /// What it calls its level; [`usual`] makes one name of many.
    pub(crate) level: Option<Cow<'a, str>>,
    pub(crate) message: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct JsonLine<'a> {
    #[serde(borrow, default)]
    level: Option<Named<'a>>,
    #[serde(borrow, default)]
    severity: Option<Named<'a>>,
    #[serde(borrow, default)]
    levelname: Option<Named<'a>>,
    #[serde(borrow, default)]
    lvl: Option<Named<'a>>,
    #[serde(borrow, default, rename = "log.level")]
    ecs: Option<Named<'a>>,
    #[serde(borrow, default)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    msg: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    event: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Named<'a> {
    Number(i64),
    #[serde(borrow)]
    Word(Cow<'a, str>),
}

impl Levels {
    /// These words count as errors.
    pub(crate) fn new(words: &[String]) -> Self {
        let words = words.iter().filter(|w| !w.is_empty());
        let errors = words.map(|w| (w.clone(), Finder::new(w.as_bytes()).into_owned())).collect();
        Self(Arc::new(Inner { errors, warn: Finder::new("WARN") }))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.errors.iter().map(|(word, _)| word.as_str())
    }

    /// What a line is, and the part of it that tells what happened.
    pub(crate) fn of<'a>(&self, line: &'a [u8]) -> (Level, Cow<'a, [u8]>) {
        let Some(told) = told(line) else { return (self.plain(line), Cow::Borrowed(line)) };
        let level = told.level.map_or_else(|| self.plain(line), |word| self.named(&word));
        (level, message(told.message, line))
    }

    fn plain(&self, line: &[u8]) -> Level {
        let found = self.0.errors.iter().position(|(_, finder)| finder.find(line).is_some());
        match found {
            Some(i) => Level::Error(i),
            None if self.0.warn.find(line).is_some() => Level::Warning,
            None => Level::Other,
        }
    }

    fn named(&self, word: &str) -> Level {
        let usual = usual(word);
        match self.names().position(|n| n == usual || n.eq_ignore_ascii_case(word)) {
            Some(i) => Level::Error(i),
            None if usual == "WARN" => Level::Warning,
            None => Level::Other,
        }
    }
}

/// What a line says of itself, if it is a JSON object.
pub(crate) fn told(line: &[u8]) -> Option<Told<'_>> {
    if line.first() != Some(&b'{') {
        return None;
    }
    let json: JsonLine<'_> = serde_json::from_slice(line).ok()?;
    let named = json.level.or(json.severity).or(json.levelname).or(json.lvl).or(json.ecs);
    Some(Told { level: named.map(numbered), message: json.message.or(json.msg).or(json.event) })
}

/// The telling part of a line.
pub(crate) fn message<'a>(told: Option<Cow<'a, str>>, line: &'a [u8]) -> Cow<'a, [u8]> {
    match told {
        Some(Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
        Some(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
        None => Cow::Borrowed(line),
    }
}

/// The name of a level that is a number: those of pino and bunyan.
fn numbered(named: Named<'_>) -> Cow<'_, str> {
    match named {
        Named::Word(word) => word,
        Named::Number(n) => match n {
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

/// The usual name, in capitals, for what loggers call a level.
pub(crate) fn usual(word: &str) -> String {
    let upper = word.to_uppercase();
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
        Levels::new(&["ERROR", "CRITICAL", "FATAL"].map(str::to_owned)).of(line.as_bytes()).0
    }

    #[test]
    fn plain_lines_are_counted_as_grep_does() {
        assert_eq!(level("2026-01-02 ERROR [api] x"), Level::Error(0));
        assert_eq!(level("MyCRITICALthing"), Level::Error(1));
        assert_eq!(level("FATAL:  the database system is starting up"), Level::Error(2));
        assert_eq!(level("INFO retry after ERROR"), Level::Error(0));
        assert_eq!(level("WARNING: x"), Level::Warning);
        assert_eq!(level("error in small letters"), Level::Other);
    }

    #[test]
    fn the_level_field_of_a_json_line_decides() {
        assert_eq!(level(r#"{"level":"error","msg":"x"}"#), Level::Error(0));
        assert_eq!(level(r#"{"severity":"CRIT"}"#), Level::Error(1));
        assert_eq!(level(r#"{"level":60,"msg":"x"}"#), Level::Error(2));
        assert_eq!(level(r#"{"level":"info","msg":"no ERROR here"}"#), Level::Other);
        assert_eq!(level(r#"{"log.level":"warning"}"#), Level::Warning);
        assert_eq!(level(r#"{"msg":"ERROR without a level"}"#), Level::Error(0));
        assert_eq!(level(r#"{broken ERROR"#), Level::Error(0));
        let levels = Levels::new(&["ERROR".to_owned()]);
        let (_, message) = levels.of(br#"{"level":"error","msg":"pool \"a\" is empty"}"#);
        assert_eq!(&*message, br#"pool "a" is empty"#);
    }
}
