//! Standard output and standard error. A closed pipe is no error: the reader needs no more.
#![allow(clippy::disallowed_methods, reason = "the only place that prints")]

use std::io::{ErrorKind, IsTerminal, Write};

use super::charset;
use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::env;

/// Of a terminal that does not tell its width.
const DEFAULT_WIDTH: usize = 80;

/// Writes data to standard output.
pub(crate) fn data(text: &str) -> Result<(), CliError> {
    stream(text).map(drop)
}

/// Writes a part of a long output. False when the reader has closed the pipe.
pub(crate) fn stream(text: &str) -> Result<bool, CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(e) => Err(CliError::output("cannot write to standard output").because(e)),
    }
}

/// Writes a line to standard error, cleaned: a text from outside begins no other line.
pub(crate) fn note(line: &str) {
    notes([line]);
}

/// Writes lines to standard error, each cleaned.
pub(crate) fn notes<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) {
    let lines: Vec<String> = lines.into_iter().map(|l| clean(l.as_ref().trim_end()).into_owned()).collect();
    styled_note(&lines.join("\n"));
}

/// Writes lines to standard error that are clean and may be colored. A failure has nowhere to be reported.
pub(crate) fn styled_note(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{}", charset::fit(text.trim_end())));
}

/// Writes a question to standard error; the cursor stays behind it.
pub(crate) fn question(text: &str) {
    drop(write!(std::io::stderr().lock(), "{}: ", charset::fit(&clean(text))));
}

/// Reads a line from standard input, without its end. None: the input has ended or cannot be read.
pub(crate) fn read_line() -> Option<String> {
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}

pub(crate) fn err() -> std::io::Stderr {
    std::io::stderr()
}

pub(crate) fn out_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// The columns of standard output: `$COLUMNS`, or the width of the terminal. None for a file or a pipe.
pub(crate) fn width() -> Option<usize> {
    let set = env::read(env::COLUMNS).and_then(|text| text.parse().ok()).filter(|columns| *columns > 0);
    let terminal = || {
        let size = terminal_size::terminal_size_of(std::io::stdout());
        out_is_terminal().then(|| size.map_or(DEFAULT_WIDTH, |(width, _)| width.0.into()))
    };
    set.or_else(terminal)
}

/// The columns of a terminal; None for a file or a pipe, whatever `$COLUMNS` says.
pub(crate) fn out_width() -> Option<usize> {
    width().filter(|_| out_is_terminal())
}

/// The columns of the terminal that questions are asked on.
pub(crate) fn err_width() -> Option<usize> {
    let size = terminal_size::terminal_size_of(std::io::stderr());
    err_is_terminal().then(|| size.map_or(DEFAULT_WIDTH, |(width, _)| width.0.into()))
}

/// Whether the terminal moves its cursor and shows colors.
pub(crate) fn is_dumb() -> bool {
    env::read(env::TERM).is_some_and(|kind| kind == "dumb")
}

/// Whether questions can be asked.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

pub(crate) fn err_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Clears the terminal for the next round of `--watch`.
pub(crate) fn clear() -> Result<(), CliError> {
    if out_is_terminal() && !is_dumb() { data("\u{1b}[H\u{1b}[2J\u{1b}[3J") } else { Ok(()) }
}
