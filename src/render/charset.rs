//! Text in the character set of the terminal: under a locale such as `C`, only ASCII.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::base::locale;

static ASCII_ONLY: LazyLock<bool> = LazyLock::new(locale::is_ascii_only);

/// Characters that ordctl itself prints, and what replaces them.
const REPLACEMENTS: &[(char, &str)] = &[
    ('µ', "u"),
    ('…', "..."),
    ('→', "->"),
    ('–', "-"),
    ('—', "-"),
    ('·', "-"),
    ('•', "*"),
    ('×', "x"),
    ('÷', "/"),
    ('≥', ">="),
    ('≤', "<="),
    ('±', "+/-"),
    ('\u{a0}', " "),
    ('▁', "_"),
    ('▂', "."),
    ('▃', "-"),
    ('▄', "~"),
    ('▅', "="),
    ('▆', "+"),
    ('▇', "*"),
    ('█', "#"),
];

/// The text, as the terminal can show it.
pub(crate) fn fit(text: &str) -> Cow<'_, str> {
    if *ASCII_ONLY { ascii(text) } else { Cow::Borrowed(text) }
}

/// [`fit`] for a text that is not needed otherwise.
pub(super) fn fitted(text: String) -> String {
    match fit(&text) {
        Cow::Owned(changed) => changed,
        Cow::Borrowed(_) => text,
    }
}

/// The mark of a cut text.
pub(super) fn ellipsis() -> &'static str {
    if *ASCII_ONLY { "..." } else { "…" }
}

/// Other characters, such as those of a title, become question marks.
fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match REPLACEMENTS.iter().find(|(from, _)| *from == c) {
            _ if c.is_ascii() => out.push(c),
            Some((_, with)) => out.push_str(with),
            None => out.push('?'),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_becomes_ascii() {
        assert_eq!(ascii("plain"), "plain");
        assert_eq!(ascii("850 µs → …"), "850 us -> ...");
        assert_eq!(ascii("▁▂▃▄▅▆▇█"), "_.-~=+*#");
        assert_eq!(ascii("Grüße 👩"), "Gr??e ?");
    }
}
