//! An error as its reader needs it: what happened, why, what to type next, and the exit code.
//!
//! Layers return their own typed errors; a [`CliError`] is what reaches the terminal. It travels
//! inside `anyhow::Error`, so a cause chain stays intact.

use crate::base::exit;

/// A failure with a designed answer.
#[derive(Debug)]
pub struct CliError {
    /// One of the constants of [`crate::base::exit`].
    pub code: u8,
    /// What could not be done, without a trailing full stop.
    pub(crate) message: String,
    /// The next thing to do or to type.
    pub hint: Option<String>,
    /// Why it could not be done.
    pub(crate) source: Option<anyhow::Error>,
}

impl CliError {
    /// The command line, a runbook or the configuration is wrong: exit 64.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(exit::USAGE, message)
    }

    /// An action that may not run now: exit 4. Nothing was changed.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(exit::REFUSED, message)
    }

    /// An action that was tried and failed: exit 2.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(exit::CRITICAL, message)
    }

    /// A system that could not be asked: exit 3.
    pub(crate) fn unknown(message: impl Into<String>) -> Self {
        Self::new(exit::UNKNOWN, message)
    }

    /// The user, or the system, stopped the program: exit 130.
    pub(crate) fn interrupted(message: impl Into<String>) -> Self {
        Self::new(exit::INTERRUPTED, message)
    }

    /// The message with its causes, on one line.
    pub(crate) fn chain(&self) -> String {
        match &self.source {
            Some(source) => format!("{}: {source:#}", self.message),
            None => self.message.clone(),
        }
    }

    fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, source: None }
    }

    /// Adds the next thing to do.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub(crate) fn because(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl std::fmt::Display for CliError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(AsRef::as_ref)
    }
}
