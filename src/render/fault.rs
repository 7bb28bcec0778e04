//! A fault as it stands on a terminal: what, why, and what to type next.

use owo_colors::OwoColorize;

use super::Style;
use crate::base::fault::Fault;

/// The lines of a fault.
pub(crate) fn fault(fault: &Fault, style: Style) -> String {
    let mut out = if style.color {
        format!("{} {fault}\n", "error:".red().bold())
    } else {
        format!("error: {fault}\n")
    };
    let mut cause = std::error::Error::source(fault);
    let mut last = fault.message.clone();
    while let Some(inner) = cause {
        let text = inner.to_string();
        // Libraries tend to repeat their cause in their own text.
        if !last.contains(&text) {
            out.push_str(&format!("  because: {text}\n"));
        }
        last = text;
        cause = inner.source();
    }
    if let Some(hint) = &fault.hint {
        if style.color {
            out.push_str(&format!("{} {hint}\n", "hint:".cyan()));
        } else {
            out.push_str(&format!("hint: {hint}\n"));
        }
    }
    out
}
