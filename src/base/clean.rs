//! Text from outside (log lines, titles, errors of other systems) without terminal control, before it is matched,
//! folded or printed.
//!
//! Complete escape sequences (ECMA-48) and invisible characters that reorder or hide text are removed. Other control
//! characters, including line breaks, become spaces, so that a text stays on its line; a tab stays.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::bytes::Regex;

const ESCAPE: char = '\u{1b}';
const BELL: char = '\u{7}';
const STRING_TERMINATOR: char = '\u{9c}';

/// A CSI sequence in a JSON string.
static JSON_SEQUENCE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"\\u00(?:1[bB]\[|9[bB])[0-?]*[ !#-/]*[@-\[\]-~]"#).ok());

/// The text on one line, without terminal control.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            ESCAPE => after_escape(after),
            '\u{9b}' => after_control_sequence(after),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => after_control_string(after),
            c if is_hidden(c) => after,
            c => {
                out.push(if is_unsafe(c) { ' ' } else { c });
                after
            }
        };
    }
    Cow::Owned(out)
}

/// [`clean`] for each line of a text that may have several.
pub(crate) fn clean_lines(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| c != '\n' && is_unsafe(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split('\n').map(clean).collect::<Vec<_>>().join("\n"))
}

/// [`clean`] for a log line. In a JSON line, sequences inside strings are removed, too.
pub(crate) fn clean_line(line: &[u8]) -> Cow<'_, [u8]> {
    let json = match &*JSON_SEQUENCE {
        Some(sequence) if line.first() == Some(&b'{') => sequence.replace_all(line, b"".as_slice()),
        _ => Cow::Borrowed(line),
    };
    if is_printable_ascii(&json, b'\t') {
        return json;
    }
    match String::from_utf8_lossy(&json) {
        Cow::Borrowed(text) if !text.contains(is_unsafe) => json,
        text => Cow::Owned(clean(&text).into_owned().into_bytes()),
    }
}

/// Whether a text holds only printable ASCII and this control character, as almost every text does. Without an early
/// exit the compiler vectorizes the loop.
pub(crate) fn is_printable_ascii(text: &[u8], allowed: u8) -> bool {
    !text.iter().fold(false, |found, b| found | (*b < b' ' && *b != allowed) | (*b >= 0x7f))
}

/// Whether a terminal does something else with it than showing it.
pub(crate) fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\t') || is_hidden(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Reorders the text around it or has no width: bidirectional controls, zero-width spaces, soft hyphens, annotations,
/// tags. The joiners (U+200C and U+200D) are part of words and emoji.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text after the sequence whose ESC stands before it.
fn after_escape(text: &str) -> &str {
    let Some(kind) = text.chars().next() else { return text };
    match kind {
        '[' => after_control_sequence(&text[1..]),
        ']' | 'P' | 'X' | '^' | '_' => after_control_string(&text[1..]),
        ' '..='~' => {
            let rest = text.trim_start_matches(|c| matches!(c, ' '..='/'));
            rest.strip_prefix(|c| matches!(c, '0'..='~')).unwrap_or(rest)
        }
        _ => text,
    }
}

/// Parameters, intermediate characters, and a final one.
fn after_control_sequence(text: &str) -> &str {
    let rest = text.trim_start_matches(|c| matches!(c, '0'..='?'));
    let rest = rest.trim_start_matches(|c| matches!(c, ' '..='/'));
    rest.strip_prefix(|c| matches!(c, '@'..='~')).unwrap_or(rest)
}

/// An operating system command and the like ends with a terminator. Without one only its beginning is removed: the
/// rest of a line cannot hide behind it.
fn after_control_string(text: &str) -> &str {
    let Some(end) = text.find([BELL, ESCAPE, STRING_TERMINATOR]) else { return text };
    match text[end..].strip_prefix("\u{1b}\\") {
        Some(rest) => rest,
        None if text[end..].starts_with(ESCAPE) => text,
        None => text[end..].strip_prefix([BELL, STRING_TERMINATOR]).unwrap_or(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_and_hidden_characters_are_removed() {
        for (given, cleaned) in [
            ("plain\tÄ 👩‍💻", "plain\tÄ 👩‍💻"),
            ("\u{1b}[31mERROR\u{1b}[0m colour\u{1b}[m", "ERROR colour"),
            ("a\u{1b}[2J\u{1b}[Hb", "ab"),
            ("a\u{1b}]52;c;aGk=\u{7}b\u{1b}]0;t\u{1b}\\c\u{9d}0;t\u{9c}d", "abcd"),
            ("a\u{1b}(Bb\u{1b}7c\u{1b}#8d", "abcd"),
            ("a\u{9b}31mb", "ab"),
            ("a\u{202e}b\u{2066}c\u{200b}d\u{feff}e\u{ad}f\u{180e}g\u{fff9}h", "abcdefgh"),
            ("a\nb\rc\u{7}d\u{85}e\u{2028}f", "a b c d e f"),
            ("a\u{1b}]0;ERROR", "a0;ERROR"),
            ("a\u{1b}]0;x\u{1b}[1mERROR", "a0;xERROR"),
            ("a\u{1b}[", "a"),
            ("a\u{1b}", "a"),
            ("a\u{1b}[31äb", "aäb"),
        ] {
            assert_eq!(clean(given), cleaned, "{given:?}");
            assert_eq!(clean_line(given.as_bytes()), cleaned.as_bytes(), "{given:?}");
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(clean_lines("one\n\u{1b}[1mtwo\r\n"), "one\ntwo \n");
    }

    #[test]
    fn json_lines_stay_json() {
        for (given, cleaned) in [
            (r#"{"msg":"\u001b[31mERROR\u001B[0m colour"}"#, r#"{"msg":"ERROR colour"}"#),
            (r#"{"msg":"\u009b1mx"}"#, r#"{"msg":"x"}"#),
            (r#"{"msg":"\u001b["}"#, r#"{"msg":"\u001b["}"#),
            (r#"{"msg":"\u001b[1"}"#, r#"{"msg":"\u001b[1"}"#),
        ] {
            assert_eq!(String::from_utf8_lossy(&clean_line(given.as_bytes())), cleaned);
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_kept_unless_the_line_is_cleaned() {
        assert_eq!(clean_line(b"a\xffb"), "a\u{fffd}b".as_bytes());
    }
}
