//! Parses a condition, and prints it in canonical form.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::base::units::Span;
use crate::model::Status;

const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);
const INTERVAL_MIN: Duration = Duration::from_secs(1);
/// Maximum of `every` and `for`.
const SPAN_MAX: Duration = Duration::from_secs(366 * 86_400);

const KINDS: &str = "query:, promql: or runbook:";

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) check: Check,
    pub(crate) every: Duration,
    /// How long it must hold before it fires.
    pub(crate) hold: Duration,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Check {
    /// The first number of a named query.
    Number { source: Source, name: String, op: Op, than: f64 },
    /// The verdict of a runbook.
    Runbook { name: String, is: Status },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Sql,
    PromQl,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Above,
    AtLeast,
    Below,
    AtMost,
    Equal,
    Unequal,
}

impl Op {
    const ALL: [(&'static str, Self); 6] = [
        (">", Self::Above),
        (">=", Self::AtLeast),
        ("<", Self::Below),
        ("<=", Self::AtMost),
        ("==", Self::Equal),
        ("!=", Self::Unequal),
    ];

    pub(crate) fn holds(self, value: f64, than: f64) -> bool {
        match self {
            Self::Above => value > than,
            Self::AtLeast => value >= than,
            Self::Below => value < than,
            Self::AtMost => value <= than,
            Self::Equal => value == than,
            Self::Unequal => value != than,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParseError {
    #[error("character {at}: expected {expected}, found '{found}'")]
    Unexpected {
        /// Counted from 1.
        at: usize,
        expected: String,
        found: String,
    },
    #[error("unexpected end, expected {0}")]
    UnexpectedEnd(String),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    /// The next characters that match; may be empty.
    fn take(&mut self, part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let word = &rest[..rest.find(|c| !part(c)).unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    /// The error for an unexpected `word`, which was just taken, or for the next word if it is empty.
    fn unexpected(&mut self, word: &str, expected: &str) -> ParseError {
        self.at -= word.len();
        let found = self.rest().split_whitespace().next();
        match found {
            None => ParseError::UnexpectedEnd(expected.to_owned()),
            Some(found) => ParseError::Unexpected {
                at: self.text[..self.at].chars().count() + 1,
                expected: expected.to_owned(),
                found: found.to_owned(),
            },
        }
    }

    fn word<T>(&mut self, expected: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, ParseError> {
        let word = self.take(|c| !c.is_whitespace());
        read(word).ok_or_else(|| self.unexpected(word, expected))
    }

    /// A name cannot contain a template.
    fn name(&mut self, expected: &str) -> Result<String, ParseError> {
        let name = self.take(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
        if name.is_empty() { Err(self.unexpected("", expected)) } else { Ok(name.to_owned()) }
    }

    fn number(&mut self, source: Source) -> Result<Check, ParseError> {
        let name = self.name("a query name")?;
        let sign = self.take(|c| "<>=!".contains(c));
        let op = Op::ALL.into_iter().find(|(s, _)| *s == sign).map(|(_, op)| op);
        let op = op.ok_or_else(|| self.unexpected(sign, "one of > >= < <= == !="))?;
        let than = self.word("a number", |w| w.parse().ok().filter(|n: &f64| n.is_finite()))?;
        Ok(Check::Number { source, name, op, than })
    }

    fn runbook(&mut self) -> Result<Check, ParseError> {
        let name = self.name("a runbook name")?;
        self.word("'is'", |w| (w == "is").then_some(()))?;
        let verdicts = Status::ALL.into_iter().filter(|s| *s != Status::Skipped);
        let is =
            self.word("ok, warn, crit or unknown", |w| verdicts.clone().find(|status| status.name() == w))?;
        Ok(Check::Runbook { name, is })
    }

    /// The span after `word`, if `word` comes next.
    fn span(&mut self, word: &str, min: Duration) -> Result<Option<Duration>, ParseError> {
        if self.rest().split_whitespace().next() != Some(word) {
            return Ok(None);
        }
        self.at += word.len();
        let expected = format!("a duration from {} to 366d such as 30s or 5m", span(min));
        let read = |w: &str| {
            let exact = w.parse::<Span>().ok()?.as_secs_f64();
            // Rounded to milliseconds, the precision of the printed form.
            let rounded = Duration::try_from_secs_f64((exact * 1e3).round() / 1e3).ok()?;
            (min..=SPAN_MAX).contains(&rounded).then_some(rounded)
        };
        self.word(&expected, read).map(Some)
    }
}

impl FromStr for Condition {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut reader = Reader { text, at: 0 };
        let kind = reader.take(|c| c.is_ascii_alphanumeric() || c == ':');
        let (kind, rest) = kind.split_once(':').map_or((kind, None), |(k, rest)| (k, Some(rest)));
        let source = ["query", "promql", "runbook"].iter().position(|k| *k == kind);
        let (Some(source), Some(rest)) = (source, rest) else {
            reader.at = 0;
            return Err(reader.unexpected("", KINDS));
        };
        // Text after the colon without a space belongs to the name.
        reader.at -= rest.len();
        let check = match source {
            0 => reader.number(Source::Sql)?,
            1 => reader.number(Source::PromQl)?,
            _ => reader.runbook()?,
        };
        let every = reader.span("every", INTERVAL_MIN)?;
        let hold = reader.span("for", Duration::ZERO)?;
        if reader.rest().is_empty() {
            return Ok(Self {
                check,
                every: every.unwrap_or(DEFAULT_INTERVAL),
                hold: hold.unwrap_or_default(),
            });
        }
        Err(reader.unexpected(
            "",
            match (every, hold) {
                (None, None) => "'every', 'for' or the end",
                (_, None) => "'for' or the end",
                (_, Some(_)) => "the end",
            },
        ))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.check {
            Check::Number { source, name, op, than } => {
                let kind = if *source == Source::Sql { "query" } else { "promql" };
                let sign = Op::ALL.into_iter().find(|(_, o)| o == op).map_or("", |(sign, _)| sign);
                write!(f, "{kind}: {name} {sign} {than}")?;
            }
            Check::Runbook { name, is } => write!(f, "runbook: {name} is {is}")?,
        }
        write!(f, " every {}", span(self.every))?;
        if self.hold.is_zero() { Ok(()) } else { write!(f, " for {}", span(self.hold)) }
    }
}

/// A span as one word, in the largest unit that divides it.
fn span(length: Duration) -> String {
    let ms = length.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)];
    match units.into_iter().find(|(_, size)| ms > 0 && ms.is_multiple_of(*size)) {
        Some((unit, size)) => format!("{}{unit}", ms / size),
        None if ms == 0 => "0s".to_owned(),
        None => format!("{ms}ms"),
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
