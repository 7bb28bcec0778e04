//! Why an outside system gave no answer, in the words that checks and actions branch on.

use tokio_postgres::error::SqlState;

use crate::base::cli_error::CliError;

/// The code with which a system refuses a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// PostgreSQL.
    Sql(SqlState),
    /// Docker and HTTP endpoints.
    Http(u16),
    /// A named error, as Redis and Prometheus answer it.
    Name(String),
}

/// A failed call to an outside system.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ClientError {
    /// No setting says where the system is.
    #[error("{system} is not configured")]
    NotConfigured {
        system: &'static str,
        /// The setting, and the variable, that would say it.
        setting: &'static str,
    },
    /// The settings say something that cannot be used.
    #[error("{setting}: {message}")]
    Misconfigured {
        setting: String,
        /// What is wrong with it.
        message: String,
    },
    /// No connection, no answer, or a broken one. Trying again may help.
    #[error("{system} is unreachable: {message}")]
    Unreachable { system: &'static str, message: String, hint: Option<String> },
    /// The system is there and refuses us: credentials or rights.
    #[error("{system} refuses: {message}")]
    Denied { system: &'static str, message: String },
    /// The system is there and has no room for us.
    #[error("{system} is full: {message}")]
    Full { system: &'static str, message: String },
    /// The system answered that it cannot do what was asked.
    #[error("{system}: {message}")]
    Failed { system: &'static str, code: Option<ErrorCode>, message: String },
}

impl ClientError {
    pub(crate) fn unreachable(system: &'static str, cause: impl std::fmt::Display) -> Self {
        Self::Unreachable { system, message: cause.to_string(), hint: None }
    }

    /// An answer that says no.
    pub(crate) fn failed(system: &'static str, cause: impl std::fmt::Display) -> Self {
        Self::Failed { system, code: None, message: cause.to_string() }
    }

    /// A setting that cannot be used.
    pub(crate) fn misconfigured(setting: &str, message: impl std::fmt::Display) -> Self {
        Self::Misconfigured { setting: setting.to_owned(), message: message.to_string() }
    }

    pub(crate) fn sql_state(&self) -> Option<&SqlState> {
        match self {
            Self::Failed { code: Some(ErrorCode::Sql(state)), .. } => Some(state),
            _ => None,
        }
    }

    pub(crate) fn http_status(&self) -> Option<u16> {
        match self {
            Self::Failed { code: Some(ErrorCode::Http(status)), .. } => Some(*status),
            _ => None,
        }
    }

    /// The name of the error, where the system names its errors.
    pub(crate) fn error_name(&self) -> Option<&str> {
        match self {
            Self::Failed { code: Some(ErrorCode::Name(name)), .. } => Some(name),
            _ => None,
        }
    }

    /// Whether the database lacks a schema, table or column that `ordctl migrate` creates.
    pub(crate) fn is_not_migrated(&self) -> bool {
        const MISSING: [SqlState; 3] =
            [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN, SqlState::INVALID_SCHEMA_NAME];
        self.sql_state().is_some_and(|state| MISSING.contains(state))
    }

    /// Whether the same call may succeed a moment later.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Full { .. })
    }

    /// As a fault for the terminal, for commands that cannot go on without the system.
    pub(crate) fn fault(self) -> CliError {
        let hint = match &self {
            Self::NotConfigured { setting, .. } => Some(format!("set {setting}")),
            Self::Misconfigured { .. } => Some("ordctl config show --origin".to_owned()),
            Self::Unreachable { hint, .. } => hint.clone().or_else(|| Some("ordctl doctor".to_owned())),
            Self::Denied { .. } | Self::Full { .. } => Some("ordctl doctor".to_owned()),
            Self::Failed { .. } => None,
        };
        let fault = match &self {
            Self::NotConfigured { .. } | Self::Misconfigured { .. } => CliError::usage(self.to_string()),
            _ => CliError::unknown(self.to_string()),
        };
        match hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }
}

/// An error with its causes, outermost first, without saying the same thing twice: libraries
/// tend to repeat a cause in their own text.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let next = inner.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = inner.source();
    }
    text
}
