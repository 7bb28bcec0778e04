//! Asking for consent at a terminal.

use std::sync::Arc;

use dialoguer::Input;

use super::{Progress, stdio};
use crate::base::clean::clean;
use crate::model::prompt::Answer;
use crate::model::{Effect, Plan, Prompt};

/// Asks on standard error, if standard input and error are terminals.
pub(crate) struct TerminalPrompt {
    progress: Arc<Progress>,
}

impl TerminalPrompt {
    /// Removes the progress line before it asks.
    pub(crate) fn new(progress: Arc<Progress>) -> Self {
        Self { progress }
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
            stdio::notes(lines(plan));
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

/// The target, then each step with its exact calls.
fn lines(plan: &Plan) -> Vec<String> {
    let target = &plan.target;
    let mut out =
        vec![plan.title.clone(), format!("  target    {} (from {})", target.environment, target.host)];
    if let Some(database) = &target.database {
        out.push(format!("  database  {database}"));
    }
    if let Some(docker) = &target.docker {
        out.push(format!("  docker    {docker}"));
    }
    for (i, step) in plan.steps.iter().enumerate() {
        let grave = if step.effect == Effect::Grave { " (hard to undo)" } else { "" };
        out.push(format!("  {}. {}{grave}", i + 1, step.title));
        match (&step.left_out, &step.depends) {
            (Some(reason), _) => out.push(format!("       {reason}")),
            (None, Some(depends)) => out.push(format!("       {depends}")),
            (None, None) => out.extend(step.calls.iter().map(|c| format!("       {c}"))),
        }
    }
    out
}
