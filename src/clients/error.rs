//! Errors of outside systems. Every message names the system; clients add the address.

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

/// A system's name in a sentence; in JSON, findings name it in lower case.
fn display_name(system: &'static str) -> &'static str {
    match system {
        "alertmanager" => "Alertmanager",
        "docker" => "Docker",
        "postgresql" => "PostgreSQL",
        "prometheus" => "Prometheus",
        "redis" => "Redis",
        other => other,
    }
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum ClientError {
    #[error("{} is not configured", display_name(system))]
    NotConfigured {
        system: &'static str,
        setting: &'static str,
        /// The environment variable that sets it too.
        variable: Option<&'static str>,
    },
    /// A setting is invalid.
    #[error("{setting}: {message}")]
    Misconfigured { setting: String, message: String },
    /// No connection, no answer, or an invalid one. A retry may succeed.
    #[error("{} is unreachable: {message}", display_name(system))]
    Unreachable { system: &'static str, message: String, hint: Option<String> },
    /// Wrong credentials or missing rights.
    #[error("{}: access denied: {message}", display_name(system))]
    Denied { system: &'static str, message: String },
    /// No free connection.
    #[error("{}: too many connections: {message}", display_name(system))]
    Full { system: &'static str, message: String },
    /// The system answered with an error.
    #[error("{}: {message}", display_name(system))]
    Failed { system: &'static str, code: Option<ErrorCode>, message: String },
}

impl ClientError {
    pub(crate) fn unreachable(system: &'static str, cause: impl std::fmt::Display) -> Self {
        Self::Unreachable { system, message: cause.to_string(), hint: None }
    }

    pub(crate) fn not_configured(system: &'static str, setting: &'static str) -> Self {
        Self::NotConfigured { system, setting, variable: None }
    }

    /// The error with the address of the server that answered.
    #[must_use]
    pub(crate) fn at(mut self, address: &str) -> Self {
        if let Self::Denied { message, .. } | Self::Full { message, .. } | Self::Failed { message, .. } =
            &mut self
        {
            message.push_str(&format!(" ({address})"));
        }
        self
    }

    /// What a user does about a setting that is missing.
    pub(crate) fn setting_hint(&self) -> Option<String> {
        let Self::NotConfigured { setting, variable, .. } = self else { return None };
        let variable = variable.map_or_else(String::new, |name| format!(", or {name}"));
        Some(format!("set {setting} in ordctl.yaml{variable}"))
    }

    pub(crate) fn failed(system: &'static str, cause: impl std::fmt::Display) -> Self {
        Self::Failed { system, code: None, message: cause.to_string() }
    }

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

    /// Whether a retry may succeed.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Full { .. })
    }

    /// Whether a statement waited too long, most often for a lock.
    fn has_waited(&self) -> bool {
        const WAITED: [SqlState; 2] = [SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED];
        self.sql_state().is_some_and(|state| WAITED.contains(state))
    }

    /// The next command.
    pub(crate) fn hint(&self) -> Option<String> {
        let command = match self {
            Self::NotConfigured { .. } => return self.setting_hint(),
            Self::Unreachable { hint: Some(hint), .. } => hint,
            Self::Misconfigured { .. } => "ordctl config show --origin",
            Self::Unreachable { .. } | Self::Denied { .. } | Self::Full { .. } => "ordctl doctor",
            Self::Failed { .. } if self.is_not_migrated() => "ordctl migrate --check",
            Self::Failed { .. } if self.has_waited() => "ordctl db locks",
            Self::Failed { .. } => return None,
        };
        Some(command.to_owned())
    }

    /// The error for commands that cannot run without the system.
    pub(crate) fn fault(self) -> CliError {
        let hint = self.hint();
        let mut fault = match &self {
            Self::NotConfigured { .. } | Self::Misconfigured { .. } => CliError::usage(self.to_string()),
            _ => CliError::unknown(self.to_string()),
        };
        fault.lacks_configuration = matches!(self, Self::NotConfigured { .. });
        match hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }
}

impl From<ClientError> for CliError {
    fn from(error: ClientError) -> Self {
        error.fault()
    }
}

/// An error with its causes, outermost first, without repeated causes and OS error numbers.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = without_number(&error.to_string());
    let mut cause = error.source();
    while let Some(inner) = cause {
        let next = without_number(&inner.to_string());
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = inner.source();
    }
    text
}

/// `Connection refused (os error 111)` as `Connection refused`.
fn without_number(text: &str) -> String {
    match text.split_once(" (os error ") {
        Some((before, after)) => {
            let rest = after.split_once(')').map_or("", |(_, rest)| rest);
            format!("{before}{rest}")
        }
        None => text.to_owned(),
    }
}
