//! The error that reaches the terminal: what failed, its cause, the next command and the exit code.
//!
//! Layers return their own typed errors and convert them here; the chain of causes is kept.

use crate::base::exit;

#[derive(Debug)]
pub struct CliError {
    /// One of the constants of [`crate::base::exit`].
    pub code: u8,
    /// What failed, without a trailing full stop.
    pub(crate) message: String,
    /// Lines below the message, such as one for each object.
    pub(crate) items: Vec<String>,
    /// The next command or setting.
    pub hint: Option<String>,
    pub(crate) source: Option<anyhow::Error>,
    /// A system is not configured, so that the searched files are worth naming.
    pub(crate) lacks_configuration: bool,
    /// An output cannot be written. What the command did is not affected.
    pub(crate) is_output: bool,
}

impl CliError {
    /// A wrong command line, runbook or configuration: exit 64.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(exit::USAGE, message)
    }

    /// An action that may not run now; nothing was changed: exit 4.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(exit::REFUSED, message)
    }

    /// An action that failed: exit 2.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(exit::CRITICAL, message)
    }

    /// A system that did not answer: exit 3.
    pub(crate) fn unknown(message: impl Into<String>) -> Self {
        Self::new(exit::UNKNOWN, message)
    }

    /// Stopped by a signal: exit 130.
    pub(crate) fn interrupted(message: impl Into<String>) -> Self {
        Self::new(exit::INTERRUPTED, message)
    }

    /// An output that cannot be written: exit 2.
    pub(crate) fn output(message: impl Into<String>) -> Self {
        Self { is_output: true, ..Self::failed(message) }
    }

    /// The message with its causes on one line. Libraries tend to repeat their cause in their own text;
    /// a cause that was already named is left out.
    pub(crate) fn chain(&self) -> String {
        let mut out = self.message.clone();
        for cause in self.source.iter().flat_map(|source| source.chain()) {
            let text = cause.to_string();
            let text = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ");
            if !out.contains(&text) {
                out.push_str(": ");
                out.push_str(&text);
            }
        }
        out
    }

    fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            items: Vec::new(),
            hint: None,
            source: None,
            lacks_configuration: false,
            is_output: false,
        }
    }

    /// Sets the next command.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the lines below the message.
    #[must_use]
    pub(crate) fn items(mut self, items: Vec<String>) -> Self {
        self.items = items;
        self
    }

    /// Sets the cause.
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
