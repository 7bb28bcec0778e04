//! Standard output and standard error. A closed pipe is no error: the reader has seen enough.
#![allow(clippy::disallowed_methods, reason = "this is the place")]

use std::io::{ErrorKind, IsTerminal, Write};

use crate::base::cli_error::CliError;

/// Writes data to standard output.
pub(crate) fn data(text: &str) -> Result<(), CliError> {
    stream(text).map(drop)
}

/// Writes a part of what may be much; says whether somebody still reads.
pub(crate) fn stream(text: &str) -> Result<bool, CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(e) => Err(CliError::failed("cannot write to standard output").because(e)),
    }
}

/// Writes a line to standard error. Nothing can be done when that fails.
pub(crate) fn note(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{}", text.trim_end()));
}

/// Standard error, for a log.
pub(crate) fn err() -> std::io::Stderr {
    std::io::stderr()
}

/// Whether standard output is a terminal.
pub(crate) fn out_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Whether somebody sits at a terminal: questions can be asked and progress shown.
pub(crate) fn somebody_is_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Whether standard error is a terminal.
pub(crate) fn err_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Clears the terminal for the next round of `--watch`.
pub(crate) fn clear() -> Result<(), CliError> {
    if out_is_terminal() { data("\u{1b}[H\u{1b}[2J\u{1b}[3J") } else { Ok(()) }
}
