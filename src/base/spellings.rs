//! The spellings of a secret in texts of other programs: URLs, forms, JSON, base64, lower case.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Minimum length at which single lines of a multi-line value, and transformed spellings, are masked.
const MIN_LINE_CHARS: usize = 8;
/// Characters that form encoding does not change.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');
/// Those of RFC 3986, as most programs encode a part of a URL, and the same with the slashes of a path.
const UNRESERVED: &AsciiSet = &FORM.add(b'*').remove(b'~');
const UNRESERVED_PATH: &AsciiSet = &UNRESERVED.remove(b'/');
/// Those of encodeURIComponent in JavaScript.
const COMPONENT: &AsciiSet = &UNRESERVED.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');
/// The parts of a URL, as browsers and the url crate encode them (<https://url.spec.whatwg.org>).
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'\'');
const PATH: &AsciiSet = &QUERY.remove(b'\'').add(b'?').add(b'^').add(b'`').add(b'{').add(b'}');
const SEGMENT: &AsciiSet = &PATH.add(b'%').add(b'/');
const USERINFO: &AsciiSet =
    &SEGMENT.add(b':').add(b';').add(b'=').add(b'@').add(b'[').add(b'\\').add(b']').add(b'|');

/// The spellings of a value in the output of tools and systems.
pub(super) fn spellings(value: &str) -> BTreeSet<String> {
    let lines = value.lines().map(str::trim).filter(|l| l.chars().count() >= MIN_LINE_CHARS);
    let mut all = BTreeSet::new();
    for text in lines.chain([value]) {
        let json = Value::String(text.to_owned()).to_string();
        all.insert(text.to_owned());
        let json = &json[1..json.len() - 1];
        // Some programs also escape slashes, and every character beyond ASCII.
        for json in [json.to_owned(), ascii_json(json)] {
            all.insert(json.replace('/', "\\/"));
            all.insert(json);
        }
        all.insert(text.escape_debug().to_string());
        all.extend(percent_encoded(text));
        // A host name is shown in lower case, and HTTP encodes user name and password.
        let transformed = base64_parts(text).chain([text.to_lowercase()]);
        all.extend(transformed.filter(|t| t.chars().count() >= MIN_LINE_CHARS));
    }
    all
}

/// JSON in ASCII: a character beyond it is written as its UTF-16 units.
fn ascii_json(json: &str) -> String {
    let escaped = |c: char| -> String {
        if c.is_ascii() {
            return c.to_string();
        }
        c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    };
    json.chars().map(escaped).collect()
}

/// The text in URLs and forms, with hexadecimal digits of both cases.
fn percent_encoded(text: &str) -> impl Iterator<Item = String> {
    [FORM, UNRESERVED, UNRESERVED_PATH, COMPONENT, QUERY, PATH, SEGMENT, USERINFO].into_iter().flat_map(
        |set| {
            let upper = || utf8_percent_encode(text, set);
            let lower = upper().map(|part| match part.strip_prefix('%') {
                Some(_) => part.to_lowercase(),
                None => part.to_owned(),
            });
            let both = [upper().to_string(), lower.collect()];
            both.into_iter().flat_map(|text| [text.replace("%20", "+"), text])
        },
    )
}

/// The base64 characters that depend only on the text, for each of the three alignments in a longer text.
fn base64_parts(text: &str) -> impl Iterator<Item = String> {
    let at = |before: usize| {
        let bytes = [&[0; 2][..before], text.as_bytes()].concat();
        let encoded = STANDARD_NO_PAD.encode(&bytes);
        let part = encoded[(before * 8).div_ceil(6)..bytes.len() * 8 / 6].to_owned();
        [part.replace('+', "-").replace('/', "_"), part]
    };
    (0..3).flat_map(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::MASK;
    use crate::base::secrets::tests::with;

    #[test]
    fn transformed_spellings_are_masked() {
        let (_dir, secrets) = with(&[("t", "Pass?Word~99"), ("short", "Hello")]);
        for name in ["t", "short"] {
            secrets.get(name).unwrap();
        }
        for before in ["", "u", "u:", "me:", "user:"] {
            let basic = STANDARD_NO_PAD.encode(format!("{before}Pass?Word~99 and more"));
            for spelling in [basic.replace('+', "-").replace('/', "_"), basic] {
                let masked = secrets.mask(&spelling);
                let left = masked.replace(MASK, "");
                assert!(
                    masked.contains(MASK) && left.len() < 28,
                    "{before}: {spelling} is shown as {masked}"
                );
            }
        }
        assert_eq!(secrets.mask("pass?word~99.example hello"), format!("{MASK}.example hello"));
    }

    #[test]
    fn every_spelling_in_a_url_and_in_json_is_masked() {
        let (_dir, secrets) = with(&[("t", "a b~!?'(\u{e9}/4%:f")]);
        secrets.get("t").unwrap();
        for spelling in [
            "a+b%7E%21%3F%27%28%C3%A9%2F4%25%3Af",
            "a%20b~%21%3F%27%28%C3%A9%2F4%25%3Af",
            "a%20b~%21%3f%27%28%c3%a9%2f4%25%3af",
            "a%20b~!%3F'(%C3%A9%2F4%25%3Af",
            "a%20b~!?%27(%C3%A9/4%:f",
            "a%20b~!%3F'(%C3%A9/4%:f",
            "a%20b~%21%3F%27%28%C3%A9/4%25%3Af",
            "a b~!?'(\\u00e9/4%:f",
            "a b~!?'(\\u00e9\\/4%:f",
            "a b~!?'(\u{e9}\\/4%:f",
            "a%20b~!%3F'(%C3%A9%2F4%25:f",
            "a%20b~!%3F'(%C3%A9%2F4%25%3Af",
        ] {
            assert_eq!(secrets.mask(&format!("/x?{spelling}&")), format!("/x?{MASK}&"));
        }
    }
}
