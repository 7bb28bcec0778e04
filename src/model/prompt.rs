//! How an acting runbook asks for consent without knowing of a terminal.

use super::Plan;

/// What a person answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Yes,
    /// Leave it.
    No,
    /// There is nobody to ask.
    Nobody,
}

/// Shows plans and asks.
pub trait Prompt: Send + Sync {
    /// Shows what is about to be done.
    fn show(&self, plan: &Plan);

    /// Asks whether to go on.
    fn confirm(&self, question: &str) -> Answer;

    /// Asks to type `name` as a proof that the target is the one meant.
    fn confirm_name(&self, question: &str, name: &str) -> Answer;
}
