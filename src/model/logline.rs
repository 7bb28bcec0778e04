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
pub enum Severity {
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
    pub const fn word(self) -> &'static str {
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
pub struct LogLine<'a> {
    /// When the container wrote it, by the clock of the engine's machine.
    pub time: DateTime<Utc>,
    /// The service.
    pub service: &'a str,
    /// The container.
    pub container: &'a str,
    /// `stdout` or `stderr`.
    pub stream: &'static str,
    /// How grave it is, where it says so.
    pub level: Option<Severity>,
    /// The line; of a JSON line its message.
    pub message: std::borrow::Cow<'a, str>,
    /// When the program itself says that it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logged_at: Option<DateTime<Utc>>,
    /// What else stands in a JSON line; none for any other line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Map<String, Value>>,
}
