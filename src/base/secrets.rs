//! Secrets of steps: `${secret:NAME}` from files or environment variables, and their masking in output.
//!
//! A value comes from the file `dir/NAME`, else from the variable of that name. After [`Secrets::get`]
//! returned it, [`Secrets::mask`] replaces it in every text, also in its JSON, debug, form-encoded, base64 and
//! lower-case spelling. Other transformations (reversed, truncated) are not recognized, so mask before you truncate.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Map, Value};

use super::env;
use super::lock::lock;
use super::plain_file;
use super::secret::{MASK, Secret};
use super::settings::SecretSource;
use super::spellings::spellings;

/// A shorter value would match too many texts by chance.
const MIN_CHARS: usize = 4;
/// Why there is no value. Never contains the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("secret '{name}' {why}")]
pub(crate) struct SecretError {
    pub(crate) name: String,
    pub(crate) why: String,
}

/// Returns secrets and remembers their values for masking. Clones share both.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    source: Arc<SecretSource>,
    /// Every spelling of every returned value.
    known: Arc<Mutex<BTreeSet<String>>>,
    /// Every value is [`PLACEHOLDER`].
    is_placeholder: bool,
}

const PLACEHOLDER: &str = "placeholder";

impl Secrets {
    pub(crate) fn new(source: &SecretSource) -> Self {
        Self { source: Arc::new(source.clone()), ..Self::default() }
    }

    /// The same source without remembered values, for another run.
    #[must_use]
    pub(crate) fn without_values(&self) -> Self {
        Self { source: self.source.clone(), ..Self::default() }
    }

    /// The same names with another value, to see where the values go.
    pub(crate) fn placeholders() -> Self {
        Self { is_placeholder: true, ..Self::default() }
    }

    pub(crate) fn check_name(name: &str) -> Result<(), SecretError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if name.chars().all(plain) && name.chars().any(|c| c != '.') {
            return Ok(());
        }
        let why = "is not a valid name: use letters, digits, '_', '.' and '-'".to_owned();
        Err(SecretError { name: name.to_owned(), why })
    }

    /// The value of a secret. From now on it is masked.
    pub(crate) fn get(&self, name: &str) -> Result<Secret, SecretError> {
        let fail = |why: String| SecretError { name: name.to_owned(), why };
        Self::check_name(name)?;
        if self.is_placeholder {
            return Ok(Secret::new(PLACEHOLDER));
        }
        let value = self.read(name).map_err(fail)?;
        if value.chars().count() < MIN_CHARS {
            return Err(fail(format!("is too short to be masked: it has fewer than {MIN_CHARS} characters")));
        }
        self.known().extend(spellings(&value));
        Ok(Secret::new(value))
    }

    fn read(&self, name: &str) -> Result<String, String> {
        if let Some(dir) = &self.source.dir {
            match plain_file::read_text(&dir.join(name)) {
                Ok(text) => return Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(e) => return Err(format!("cannot be read: {e}")),
            }
        }
        let variable = format!("{}{}", self.source.env_prefix, name.to_uppercase().replace(['.', '-'], "_"));
        env::read(&variable).ok_or_else(|| {
            let file = if self.source.dir.is_some() { "no file in secrets.dir and " } else { "" };
            format!("is missing: {file}no variable {variable}")
        })
    }

    /// Masks all remembered values in a text.
    pub(crate) fn mask(&self, text: &str) -> String {
        let known = self.known();
        match redact(text, known.iter().map(String::as_str)) {
            Some(masked) => masked,
            None => text.to_owned(),
        }
    }

    /// Masks every text inside a value, including keys. A number that equals a secret becomes a text.
    pub(crate) fn mask_value(&self, value: Value) -> Value {
        if self.known().is_empty() {
            return value;
        }
        match value {
            Value::String(text) => Value::String(self.mask(&text)),
            Value::Array(items) => Value::Array(items.into_iter().map(|v| self.mask_value(v)).collect()),
            Value::Object(map) => {
                let entries = map.into_iter().map(|(k, v)| (self.mask(&k), self.mask_value(v)));
                Value::Object(entries.collect::<Map<_, _>>())
            }
            Value::Number(n) => {
                let text = n.to_string();
                let masked = self.mask(&text);
                if masked == text { Value::Number(n) } else { Value::String(masked) }
            }
            other => other,
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeSet<String>> {
        lock(&self.known)
    }
}

/// Masks every match of the patterns. Overlapping matches become one, so that no part of a value remains.
/// None when nothing matches.
fn redact<'a>(text: &str, patterns: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut places: Vec<(usize, usize)> = Vec::new();
    for pattern in patterns {
        let step = pattern.chars().next().map_or(1, char::len_utf8);
        let mut from = 0;
        while let Some(at) = text[from..].find(pattern) {
            places.push((from + at, from + at + pattern.len()));
            from += at + step;
        }
    }
    places.sort_unstable();
    let mut masked = String::new();
    let mut done = 0;
    let mut rest = places.iter().copied().peekable();
    while let Some((start, mut end)) = rest.next() {
        while let Some((_, further)) = rest.next_if(|(next, _)| *next < end) {
            end = end.max(further);
        }
        masked.push_str(&text[done..start]);
        masked.push_str(MASK);
        done = end;
    }
    (done > 0).then(|| masked + &text[done..])
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    pub(crate) fn with(files: &[(&str, &str)]) -> (tempfile::TempDir, Secrets) {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let source = SecretSource {
            dir: Some(dir.path().to_owned()),
            env_prefix: "CARGO_PKG_".into(),
            ..Default::default()
        };
        (dir, Secrets::new(&source))
    }

    #[test]
    fn file_overrides_variable_and_errors_name_missing_secrets() {
        let (_dir, secrets) = with(&[("token", "from-a-file\r\n"), ("name", "in front\n")]);
        assert_eq!(secrets.get("token").unwrap().expose(), "from-a-file");
        assert_eq!(secrets.get("name").unwrap().expose(), "in front");
        assert_eq!(secrets.get("version").unwrap().expose(), env!("CARGO_PKG_VERSION"));
        let error = secrets.get("data.base-1").unwrap_err().to_string();
        assert_eq!(
            error,
            "secret 'data.base-1' is missing: no file in secrets.dir and no variable CARGO_PKG_DATA_BASE_1"
        );
        for name in ["..", ".", "a/b", "", "a b", "ä"] {
            assert!(secrets.get(name).is_err(), "{name}");
        }
    }

    #[test]
    fn short_values_are_refused_without_showing_them() {
        let (_dir, secrets) = with(&[("pin", "123"), ("empty", "\n")]);
        for name in ["pin", "empty"] {
            let error = secrets.get(name).unwrap_err().to_string();
            assert!(error.contains(name) && !error.contains("123"), "{error}");
        }
        assert_eq!(secrets.mask("123"), "123");
    }

    #[test]
    fn values_are_masked_everywhere() {
        let (_dir, secrets) = with(&[("a", "s3cr3t \"q\""), ("b", "q\"and"), ("n", "123456")]);
        let text = "x s3cr3t \"q\"and s3cr3t \\\"q\\\" s3cr3t+%22q%22 123456";
        assert_eq!(secrets.mask(text), text, "nothing was given out yet");
        for name in ["a", "b", "n"] {
            secrets.get(name).unwrap();
        }
        assert_eq!(secrets.mask(text), "x ******** ******** ******** ********");
        let value = json!({ "k123456": [1234567, 12, { "a": "<s3cr3t \"q\">" }] });
        assert_eq!(
            secrets.mask_value(value),
            json!({ "k********": ["********7", 12, { "a": "<********>" }] })
        );
        assert_eq!(secrets.clone().mask("123456"), MASK, "clones know of it");
        assert_eq!(secrets.without_values().mask("123456"), "123456", "another run does not");
    }

    #[test]
    fn a_value_of_several_lines_is_masked_line_by_line() {
        let (_dir, secrets) = with(&[("key", "-----BEGIN-----\nabcdefgh\nij\n")]);
        secrets.get("key").unwrap();
        assert_eq!(secrets.mask("-----BEGIN-----\nabcdefgh\nij"), MASK);
        assert_eq!(secrets.mask("line 2: abcdefgh"), "line 2: ********");
    }

    #[test]
    fn a_value_that_repeats_itself_leaves_no_end_behind() {
        let (_dir, secrets) = with(&[("r", "abab")]);
        secrets.get("r").unwrap();
        assert_eq!(secrets.mask("xababab"), "x********");
    }
}
