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
pub struct Levels(Arc<Inner>);

struct Inner {
    errors: Vec<(String, Finder<'static>)>,
    warn: Finder<'static>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// An error, by the place of its word among those that count.
    Error(usize),
    /// A warning.
    Warning,
    /// Anything else.
    Other,
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
    pub fn new(words: &[String]) -> Self {
        let words = words.iter().filter(|w| !w.is_empty());
        let errors = words.map(|w| (w.clone(), Finder::new(w.as_bytes()).into_owned())).collect();
        Self(Arc::new(Inner { errors, warn: Finder::new("WARN") }))
    }

    /// The words.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.errors.iter().map(|(word, _)| word.as_str())
    }

    /// What a line is, and the part of it that tells what happened.
    pub fn of<'a>(&self, line: &'a [u8]) -> (Level, Cow<'a, [u8]>) {
        if line.first() == Some(&b'{')
            && let Ok(json) = serde_json::from_slice::<JsonLine<'_>>(line)
        {
            let named = json.level.or(json.severity).or(json.levelname).or(json.lvl).or(json.ecs);
            let message = json.message.or(json.msg).or(json.event);
            let message = message.map_or(Cow::Borrowed(line), |m| Cow::Owned(m.into_owned().into_bytes()));
            if let Some(named) = named {
                return (self.named(&named), message);
            }
            return (self.plain(line), message);
        }
        (self.plain(line), Cow::Borrowed(line))
    }

    fn plain(&self, line: &[u8]) -> Level {
        let found = self.0.errors.iter().position(|(_, finder)| finder.find(line).is_some());
        match found {
            Some(i) => Level::Error(i),
            None if self.0.warn.find(line).is_some() => Level::Warning,
            None => Level::Other,
        }
    }

    fn named(&self, named: &Named<'_>) -> Level {
        let word = match named {
            // The numbers of pino and bunyan.
            Named::Number(n) => match n {
                60.. => "FATAL",
                50..60 => "ERROR",
                40..50 => "WARN",
                _ => return Level::Other,
            },
            Named::Word(word) => word,
        };
        let upper = word.to_uppercase();
        let usual = match upper.as_str() {
            "ERR" | "EROR" => "ERROR",
            "CRIT" | "ALERT" => "CRITICAL",
            "PANIC" | "DPANIC" | "EMERG" | "EMERGENCY" => "FATAL",
            "WARNING" => "WARN",
            other => other,
        };
        match self.names().position(|n| n == usual || n.eq_ignore_ascii_case(word)) {
            Some(i) => Level::Error(i),
            None if usual == "WARN" => Level::Warning,
            None => Level::Other,
        }
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
