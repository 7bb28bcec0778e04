//! Asking for consent at a terminal.

use std::sync::Arc;

use dialoguer::Input;

use super::{Progress, Style, plan, stdio};
use crate::base::clean::clean;
use crate::model::prompt::Answer;
use crate::model::{Plan, Prompt};

/// Asks on standard error, if standard input and error are terminals.
pub(crate) struct TerminalPrompt {
    progress: Arc<Progress>,
    style: Style,
}

impl TerminalPrompt {
    /// Removes the progress line before it asks. With `statements` it shows those of the plan.
    pub(crate) fn new(progress: Arc<Progress>, statements: bool) -> Self {
        Self { progress, style: Style { statements, width: stdio::err_width(), ..Style::default() } }
    }
}

impl TerminalPrompt {
    /// A typed line. Unlike a prompt for one key it leaves the cursor visible when Ctrl-C ends the program.
    fn ask(&self, question: &str) -> Option<String> {
        let answer = Input::<String>::new().with_prompt(clean(question)).allow_empty(true).interact_text();
        self.progress.resume();
        answer.ok()
    }
}

impl Prompt for TerminalPrompt {
    fn show(&self, plan: &Plan) {
        if stdio::is_interactive() {
            self.progress.clear();
            stdio::notes(plan::question(plan, self.style));
        }
    }

    fn confirm(&self, question: &str) -> Answer {
        if !stdio::is_interactive() {
            return Answer::Nobody;
        }
        match self.ask(&format!("{question} [y/N]")) {
            Some(given) if ["y", "yes"].contains(&given.trim().to_lowercase().as_str()) => Answer::Yes,
            _ => Answer::No,
        }
    }

    fn confirm_name(&self, question: &str, name: &str) -> Answer {
        if !stdio::is_interactive() {
            return Answer::Nobody;
        }
        match self.ask(question) {
            Some(given) if given == name => Answer::Yes,
            _ => Answer::No,
        }
    }
}
