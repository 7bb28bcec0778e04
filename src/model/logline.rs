//! A line of a service's log, as it is shown.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How grave a line is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Every step.
    Trace,
    /// For who looks for a fault.
    Debug,
    /// As it should be.
    Info,
    /// Worth a look.
    #[value(alias = "warning")]
    Warn,
    /// Something failed.
    Error,
    /// Nothing goes on.
    #[value(alias = "fatal")]
    Critical,
}

impl Severity {
    /// Its name in capitals.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }
}

/// A line of a service's log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct LogLine<'a> {
    /// When the container wrote it, by the clock of the engine's machine.
    pub(crate) time: DateTime<Utc>,
    /// The service.
    pub(crate) service: &'a str,
    /// The container.
    pub(crate) container: &'a str,
    /// `stdout` or `stderr`.
    pub(crate) stream: &'static str,
    /// How grave it is, where it says so.
    pub(crate) level: Option<Severity>,
    /// The line; of a JSON line its message.
    pub(crate) message: std::borrow::Cow<'a, str>,
    /// When the program itself says that it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) logged_at: Option<DateTime<Utc>>,
    /// What else stands in a JSON line; none for any other line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fields: Option<Map<String, Value>>,
}
