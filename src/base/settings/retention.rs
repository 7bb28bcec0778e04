//! Retention of runs, audit rows and events.

use serde::{Deserialize, Serialize};

use crate::base::units::{self, Span};

/// Retention of each kind of row. Default: forever.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Retention {
    /// Runs that are over, counted from their start, and dead letters.
    pub(crate) runs: Option<Keep>,
    pub(crate) audit: Option<Keep>,
    pub(crate) events: Option<Keep>,
}

impl Retention {
    pub(crate) fn is_off(&self) -> bool {
        self.runs.is_none() && self.audit.is_none() && self.events.is_none()
    }
}

/// A retention of at least one hour, so that a wrong unit does not empty a table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Span", into = "Span")]
pub(crate) struct Keep(Span);

impl Keep {
    const MINIMUM: Span = Span::seconds(3600);

    pub(crate) fn as_secs_f64(self) -> f64 {
        self.0.as_secs_f64()
    }
}

impl TryFrom<Span> for Keep {
    type Error = String;

    fn try_from(span: Span) -> Result<Self, String> {
        if span < Self::MINIMUM {
            return Err(format!("'{}' is too short: the minimum is 1h", units::duration(span.as_secs_f64())));
        }
        Ok(Self(span))
    }
}

impl From<Keep> for Span {
    fn from(keep: Keep) -> Self {
        keep.0
    }
}
