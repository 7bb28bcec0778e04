//! How grave a line is, and what it says.
//!
//! What counts as an error is what [`super::level`] counts: in a JSON line, and in one of
//! `key=value` pairs, the level field decides, in any other the words in capitals.

use std::borrow::Cow;

use memchr::memmem::Finder;

use crate::model::Severity;
use crate::tools::logs::tail::level::{Level, Levels, message, told, usual};

/// Words of what is no error, in any line.
const MILD: [(&str, Severity); 5] = [
    ("INFO", Severity::Info),
    ("NOTICE", Severity::Info),
    ("LOG:", Severity::Info),
    ("DEBUG", Severity::Debug),
    ("TRACE", Severity::Trace),
];

/// The keys of a level in a line of `key=value` pairs.
const KEYS: [&str; 3] = ["level=", "lvl=", "severity="];

/// Recognises how grave lines are.
#[derive(Clone)]
pub(crate) struct Severities {
    levels: Levels,
    mild: [(Finder<'static>, Severity); 5],
    keys: [Finder<'static>; 3],
}

impl Default for Severities {
    fn default() -> Self {
        Self {
            levels: Levels::new(&["FATAL", "CRITICAL", "PANIC", "ERROR"].map(str::to_owned)),
            mild: MILD.map(|(word, severity)| (Finder::new(word), severity)),
            keys: KEYS.map(Finder::new),
        }
    }
}

impl Severities {
    /// How grave a line is, if it says so, and the part of it that tells what happened.
    pub(crate) fn of<'a>(&self, line: &'a [u8]) -> (Option<Severity>, Cow<'a, [u8]>) {
        match told(line) {
            Some(told) => {
                let level = told.level.map_or_else(|| self.plain(line), |word| named(&word));
                (level, message(told.message, line))
            }
            None => (self.keyed(line).or_else(|| self.plain(line)), Cow::Borrowed(line)),
        }
    }

    fn plain(&self, line: &[u8]) -> Option<Severity> {
        match self.levels.of(line).0 {
            Level::Error(0..=2) => Some(Severity::Critical),
            Level::Error(_) => Some(Severity::Error),
            Level::Warning => Some(Severity::Warn),
            Level::Other => self.mild.iter().find(|(word, _)| word.find(line).is_some()).map(|(_, s)| *s),
        }
    }

    /// `level=error`, as logfmt writes it.
    fn keyed(&self, line: &[u8]) -> Option<Severity> {
        self.keys.iter().find_map(|key| {
            let at = key.find(line)?;
            let begins = at == 0 || line[at - 1] == b' ';
            let rest = &line[at + key.needle().len()..];
            let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
            let end = rest.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
            let word = std::str::from_utf8(&rest[..end]).ok().filter(|_| begins)?;
            named(word)
        })
    }
}

fn named(word: &str) -> Option<Severity> {
    Some(match usual(word).as_str() {
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
    fn the_level_is_found_in_every_kind_of_line() {
        let severities = Severities::default();
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
        ] {
            assert_eq!(severities.of(line.as_bytes()).0, level, "{line}");
        }
    }
}
