//! A log line of a service.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    Trace,
    Debug,
    Info,
    #[value(alias = "warning")]
    Warn,
    Error,
    #[value(alias = "fatal")]
    Critical,
}

impl Severity {
    /// In upper case, as in logs.
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

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct LogLine<'a> {
    /// When the container wrote it, by the clock of its host.
    pub(crate) time: DateTime<Utc>,
    pub(crate) service: &'a str,
    pub(crate) container: &'a str,
    /// `stdout` or `stderr`.
    pub(crate) stream: &'static str,
    /// The severity that the line states.
    pub(crate) level: Option<Severity>,
    /// The line, or the message of a line in JSON, in logfmt or of the `tracing` crate.
    pub(crate) message: std::borrow::Cow<'a, str>,
    /// The time that the line itself states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) logged_at: Option<DateTime<Utc>>,
    /// The other fields of such a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fields: Option<Map<String, Value>>,
}
