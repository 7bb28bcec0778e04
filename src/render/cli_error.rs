//! A error as it stands on a terminal: what, why, and what to type next.

use owo_colors::OwoColorize;

use super::Style;
use crate::base::cli_error::CliError;

/// The lines of a error.
pub(crate) fn cli_error(error: &CliError, style: Style) -> String {
    let mut out = if style.color {
        format!("{} {error}\n", "error:".red().bold())
    } else {
        format!("error: {error}\n")
    };
    let mut cause = std::error::Error::source(error);
    let mut last = error.message.clone();
    while let Some(inner) = cause {
        let text = inner.to_string();
        // Libraries tend to repeat their cause in their own text.
        if !last.contains(&text) {
            out.push_str(&format!("  because: {text}\n"));
        }
        last = text;
        cause = inner.source();
    }
    if let Some(hint) = &error.hint {
        if style.color {
            out.push_str(&format!("{} {hint}\n", "hint:".cyan()));
        } else {
            out.push_str(&format!("hint: {hint}\n"));
        }
    }
    out
}
