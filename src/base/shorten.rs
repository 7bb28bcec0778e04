//! Shortens texts that are stored, logged or reported.

/// Bytes of a summary, an error or a log message. Longer ones are data, which belongs into a result.
pub(crate) const TEXT_MAX: usize = 16 << 10;

/// The beginning of a long text, with an ellipsis.
pub(crate) fn shorten(mut text: String) -> String {
    if text.len() > TEXT_MAX {
        let end = (0..=TEXT_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(shorten("short".to_owned()), "short");
        let long = shorten("ä".repeat(TEXT_MAX));
        assert!(long.len() <= TEXT_MAX + '…'.len_utf8() && long.ends_with("ä…"));
    }
}
