//! An error on a terminal: what failed, its cause, and the next command.

use owo_colors::OwoColorize;

use super::Style;
use crate::base::clean::clean;
use crate::base::cli_error::CliError;

/// `error: <what failed>: <cause>`, its items, then `hint: <next command>`. A text from outside begins no other line.
pub(crate) fn cli_error(error: &CliError, style: Style) -> String {
    let (error_word, hint_word) = if style.color {
        ("error:".red().bold().to_string(), "hint:".cyan().to_string())
    } else {
        ("error:".to_owned(), "hint:".to_owned())
    };
    let mut out = style.wrap(&format!("{error_word} {}", clean(&error.chain())), 2) + "\n";
    for item in &error.items {
        out.push_str(&format!("{}\n", style.wrap(&format!("  {}", clean(item)), 4)));
    }
    if let Some(hint) = &error.hint {
        out.push_str(&format!("{hint_word} {}\n", clean(hint)));
    }
    out
}
