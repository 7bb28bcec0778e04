//! How an acting runbook asks for consent without knowing of a terminal.

use super::Plan;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// There is nobody to ask.
    Nobody,
}

pub(crate) trait Prompt: Send + Sync {
    /// Shows what is about to be done.
    fn show(&self, plan: &Plan);

    /// Asks whether to go on.
    fn confirm(&self, question: &str) -> Answer;

    /// Asks to type `name` as a proof that the target is the one meant.
    fn confirm_name(&self, question: &str, name: &str) -> Answer;
}
