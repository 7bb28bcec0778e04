//! Asking for consent at a terminal.
//!
//! The terminal keeps its normal mode: it edits the line, Ctrl-C is a signal, Ctrl-D ends the input, and what was typed
//! before the question is not lost.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{block_in_place, spawn_blocking};

use super::{Progress, Style, plan, stdio};
use crate::model::prompt::Answer;
use crate::model::{Plan, Prompt};

/// Asks on standard error, if standard input and error are terminals.
pub(crate) struct TerminalPrompt {
    progress: Arc<Progress>,
    style: Style,
    /// Turns true at a signal.
    stop: watch::Receiver<bool>,
}

impl TerminalPrompt {
    /// The progress line is removed while a question waits, and `stop` ends the wait. With `statements` a plan shows its
    /// exact statements and calls.
    pub(crate) fn new(progress: Arc<Progress>, statements: bool, stop: watch::Receiver<bool>) -> Self {
        Self { progress, style: Style { statements, width: stdio::err_width(), ..Style::default() }, stop }
    }

    /// Asks for a line, which is consent if `is_consent` says so.
    fn ask(&self, question: &str, is_consent: impl FnOnce(&str) -> bool) -> Answer {
        if !stdio::is_interactive() {
            return Answer::Nobody;
        }
        self.progress.clear();
        stdio::question(question);
        match self.read() {
            Ok(Some(line)) if is_consent(&line) => {
                self.progress.resume();
                Answer::Yes
            }
            Ok(Some(_)) => Answer::No,
            no_line => {
                // The cursor is still behind the question.
                stdio::note("");
                no_line.map_or(Answer::Interrupted, |_| Answer::No)
            }
        }
    }

    /// The next line, None at the end of the input, or an error after a signal.
    fn read(&self) -> Result<Option<String>, Interrupted> {
        let mut stop = self.stop.clone();
        let line = async {
            tokio::select! {
                biased;
                Ok(_) = stop.wait_for(|stop| *stop) => Err(Interrupted),
                // The thread that reads does not keep the program alive.
                line = spawn_blocking(stdio::read_line) => Ok(line.ok().flatten()),
            }
        };
        block_in_place(|| Handle::current().block_on(line))
    }
}

struct Interrupted;

impl Prompt for TerminalPrompt {
    fn show(&self, plan: &Plan) {
        if stdio::is_interactive() {
            self.progress.clear();
            stdio::notes(plan::question(plan, self.style));
        }
    }

    fn confirm(&self, question: &str) -> Answer {
        let is_yes = |line: &str| ["y", "yes"].contains(&line.trim().to_lowercase().as_str());
        self.ask(&format!("{question} [y/N]"), is_yes)
    }

    fn confirm_name(&self, question: &str, name: &str) -> Answer {
        self.ask(question, |line| line == name)
    }
}
