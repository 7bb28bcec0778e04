//! Reading what comes from outside: every fault of a document at once, each with its place, in the
//! manner of the API's 422 answers.

use chrono::Datelike;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::pipeline::check::LocPart;

/// Something wrong with a document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct InputIssue {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) loc: Vec<LocPart>,
    pub(crate) msg: String,
    pub(crate) input: Value,
}

/// Reads the keys of an object and gathers what is wrong.
pub(crate) struct Reader<'a> {
    place: &'static str,
    map: &'a Map<String, Value>,
    known: Vec<&'static str>,
    faults: Vec<InputIssue>,
    /// What stands in the document is not repeated in an answer.
    quiet: bool,
}

/// So many faults are told; who mends these finds the others next time.
const MOST: usize = 50;

impl<'a> Reader<'a> {
    /// A reader of the object at a place such as `body`.
    pub(crate) fn new(place: &'static str, map: &'a Map<String, Value>) -> Self {
        Self { place, map, known: Vec::new(), faults: Vec::new(), quiet: false }
    }

    /// Keeps what stands in the document out of the faults: it holds a secret.
    #[must_use]
    pub(crate) fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// Notes a fault of a key.
    pub(crate) fn fault(&mut self, key: &str, kind: &'static str, msg: impl Into<String>) {
        let input = match self.map.get(key) {
            _ if self.quiet => Value::Null,
            Some(value) => value.clone(),
            None => Value::Object(self.map.clone()),
        };
        self.faults.push(InputIssue {
            kind,
            loc: vec![self.place.into(), key.into()],
            msg: msg.into(),
            input,
        });
    }

    /// Notes a fault somewhere below a key.
    pub(crate) fn fault_at(&mut self, loc: Vec<LocPart>, kind: &'static str, msg: String, input: Value) {
        let loc = std::iter::once(self.place.into()).chain(loc).collect();
        self.faults.push(InputIssue { kind, loc, msg, input });
    }

    /// The value of a key. None: it is not there. A null counts as not there.
    pub(crate) fn get(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.map.get(key).filter(|v| !v.is_null())
    }

    /// Says of each of these keys if it is missing. A null counts as not there.
    pub(crate) fn needs(&mut self, keys: &[&str]) {
        for key in keys {
            if self.map.get(*key).is_none_or(Value::is_null) {
                self.fault(key, "missing", "Field required");
            }
        }
    }

    /// A text of so many characters.
    pub(crate) fn text(&mut self, key: &'static str, least: usize, most: usize) -> Option<String> {
        let value = self.get(key)?;
        let Some(text) = value.as_str() else {
            self.fault(key, "string_type", "Input should be a valid string");
            return None;
        };
        let length = text.chars().count();
        if length < least {
            self.fault(
                key,
                "string_too_short",
                format!("String should have at least {least} character{}", s(least)),
            );
        } else if length > most {
            self.fault(
                key,
                "string_too_long",
                format!("String should have at most {most} character{}", s(most)),
            );
        } else if text.contains('\0') {
            self.fault(key, "value_error", "it holds a character that cannot be stored");
        } else {
            return Some(text.to_owned());
        }
        None
    }

    /// A whole number between two.
    pub(crate) fn int(&mut self, key: &'static str, low: i64, high: i64) -> Option<i64> {
        let value = self.get(key)?;
        let number = value.as_i64().or_else(|| value.as_str().and_then(|t| t.parse().ok()));
        match number {
            None => self.fault(key, "int_parsing", "Input should be a valid integer"),
            Some(n) if n < low => {
                self.fault(
                    key,
                    "greater_than_equal",
                    format!("Input should be greater than or equal to {low}"),
                );
            }
            Some(n) if n > high => {
                self.fault(key, "less_than_equal", format!("Input should be less than or equal to {high}"));
            }
            Some(n) => return Some(n),
        }
        None
    }

    pub(crate) fn flag(&mut self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        let flag = value.as_bool().or_else(|| match value.as_str() {
            Some("true" | "1") => Some(true),
            Some("false" | "0") => Some(false),
            _ => None,
        });
        if flag.is_none() {
            self.fault(key, "bool_parsing", "Input should be a valid boolean");
        }
        flag
    }

    pub(crate) fn choice(&mut self, key: &'static str, words: &[&str]) -> Option<String> {
        let value = self.get(key)?;
        match value.as_str().filter(|w| words.contains(w)) {
            Some(word) => Some(word.to_owned()),
            None => {
                let quoted: Vec<String> = words.iter().map(|w| format!("'{w}'")).collect();
                self.fault(key, "enum", format!("Input should be {}", quoted.join(", ")));
                None
            }
        }
    }

    pub(crate) fn uuid(&mut self, key: &'static str) -> Option<uuid::Uuid> {
        let found = self.get(key)?.as_str().and_then(|t| t.parse().ok());
        if found.is_none() {
            self.fault(key, "uuid_parsing", "Input should be a valid UUID");
        }
        found
    }

    pub(crate) fn instant(&mut self, key: &'static str) -> Option<chrono::DateTime<chrono::Utc>> {
        let found = self.get(key)?.as_str().and_then(|t| t.parse().ok());
        // What the database and RFC 3339 know as a date.
        let found = found.filter(|t: &chrono::DateTime<chrono::Utc>| (1..=9999).contains(&t.year()));
        if found.is_none() {
            self.fault(key, "datetime_parsing", "Input should be a valid datetime");
        }
        found
    }

    /// Everything wrong with the keys that were asked for.
    pub(crate) fn faults(self) -> Vec<InputIssue> {
        self.faults
    }

    /// Everything wrong; keys that nobody has asked for among it.
    pub(crate) fn finish(mut self) -> Vec<InputIssue> {
        let extra: Vec<String> =
            self.map.keys().filter(|k| !self.known.contains(&k.as_str())).take(MOST).cloned().collect();
        for key in extra {
            self.fault(&key, "extra_forbidden", "Extra inputs are not permitted");
        }
        self.faults.truncate(MOST);
        self.faults
    }
}

fn s(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// A document as an object.
pub(crate) fn dictionary(document: &Value) -> Result<&Map<String, Value>, Vec<InputIssue>> {
    document.as_object().ok_or_else(|| whole("dict_type", "Input should be a valid dictionary"))
}

/// A fault of a document as a whole.
pub(crate) fn whole(kind: &'static str, msg: impl Into<String>) -> Vec<InputIssue> {
    vec![InputIssue { kind, loc: vec!["body".into()], msg: msg.into(), input: json!(null) }]
}
