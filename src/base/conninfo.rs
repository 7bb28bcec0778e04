//! libpq's `key=value` connection strings (PostgreSQL documentation, "Keyword/Value Connection Strings"): spaces may
//! surround the sign, a value in single quotes may contain spaces, and a backslash escapes a character.

use std::ops::Range;

/// A keyword with its value, and where the value stands in the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) place: Range<usize>,
}

/// The pairs of a text; None when it is not of this form.
pub(crate) fn pairs(text: &str) -> Option<Vec<Pair>> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, value) = rest.split_once('=')?;
        let key = key.trim_end();
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            return None;
        }
        let value = value.trim_start();
        let begin = text.len() - value.len();
        let (value, length) = value_of(value)?;
        all.push(Pair { key: key.to_owned(), value, place: begin..begin + length });
        rest = text[begin + length..].trim_start();
    }
    (!all.is_empty()).then_some(all)
}

/// The value at the beginning of a text and its length there.
fn value_of(text: &str) -> Option<(String, usize)> {
    let is_quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut chars = text.char_indices().skip(usize::from(is_quoted));
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            '\'' if is_quoted => return Some((value, at + 1)),
            c if c.is_whitespace() && !is_quoted => return Some((value, at)),
            c => value.push(c),
        }
    }
    (!is_quoted).then_some((value, text.len()))
}

/// The pairs as a connection string.
pub(crate) fn render<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let quote = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
    pairs.map(|(key, value)| format!("{key}='{}'", quote(value))).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_spaces_and_escapes_are_read_as_libpq_reads_them() {
        let read =
            |text| pairs(text).map(|all| all.into_iter().map(|p| (p.key, p.value)).collect::<Vec<_>>());
        let own = |all: &[(&str, &str)]| {
            Some(all.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>())
        };
        let text = " host=h\n password = 'a b\\'c' user=u\\ v dbname=";
        let all = own(&[("host", "h"), ("password", "a b'c"), ("user", "u v"), ("dbname", "")]);
        assert_eq!(read(text), all);
        for other in ["", "u:p@h/d", "postgresql://h/d?a=b", "password='open", "Host=h", "a=b c"] {
            assert_eq!(read(other), None, "{other}");
        }
        let pairs = [("password", "a b'\\"), ("user", "u")];
        let rendered = render(pairs.into_iter());
        assert_eq!(read(&rendered), own(&pairs));
    }
}
