//! The interface that asks for consent, independent of a terminal.

use super::Plan;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// A signal arrived instead of an answer.
    Interrupted,
    /// No terminal.
    Nobody,
}

pub(crate) trait Prompt: Send + Sync {
    fn show(&self, plan: &Plan);

    fn confirm(&self, question: &str) -> Answer;

    /// Asks to type `name`, the name of the target.
    fn confirm_name(&self, question: &str, name: &str) -> Answer;
}
