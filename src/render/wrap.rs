//! Text that is wider than the terminal, on several lines. Commands and statements stay on one, so that they can be
//! copied in one piece.

use textwrap::{Options, WordSeparator, WordSplitter};

use super::{Style, charset};

/// The column at which the text of a finding begins.
pub(super) const TEXT: usize = 11;

impl Style {
    /// The line without a line break at its end; further lines begin with `indent` spaces.
    pub(super) fn wrap(self, line: &str, indent: usize) -> String {
        let Some(width) = self.width.filter(|width| *width > 2 * indent) else { return line.to_owned() };
        let indent = " ".repeat(indent);
        let options = Options::new(width)
            .subsequent_indent(&indent)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        textwrap::wrap(&charset::fit(line), options).join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_line_continues_at_its_indent() {
        let narrow = Style { width: Some(24), ..Style::default() };
        assert_eq!(narrow.wrap("  ok       all is well", 11), "  ok       all is well");
        assert_eq!(
            narrow.wrap("  ok       three words and more", 11),
            "  ok       three words\n           and more"
        );
        assert_eq!(
            narrow.wrap("a/path/that/is/longer/than/the/terminal", 0),
            "a/path/that/is/longer/than/the/terminal"
        );
        assert_eq!(narrow.wrap("the container shop-worker-1", 2), "the container\n  shop-worker-1");
        let colored = "  \u{1b}[32mok      \u{1b}[0m thirteen more";
        assert_eq!(narrow.wrap(colored, 11), colored, "colors take no columns");
        assert_eq!(Style::default().wrap(&"a ".repeat(200), 2), "a ".repeat(200), "a pipe has no width");
    }
}
