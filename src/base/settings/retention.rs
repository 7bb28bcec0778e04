//! How long the engine keeps what is over.

use serde::{Deserialize, Serialize};

use crate::base::units::{self, Span};

/// How long each kind of row is kept; without a span, for ever.
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

/// For how long something is kept: an hour at least, so that no slip of a unit empties a table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Span", into = "Span")]
pub(crate) struct Keep(Span);

impl Keep {
    const LEAST: Span = Span::seconds(3600);

    /// As seconds.
    pub(crate) fn as_secs_f64(self) -> f64 {
        self.0.as_secs_f64()
    }
}

impl TryFrom<Span> for Keep {
    type Error = String;

    fn try_from(span: Span) -> Result<Self, String> {
        if span < Self::LEAST {
            return Err(format!(
                "'{}' is too short to keep anything: 1h at least",
                units::duration(span.as_secs_f64())
            ));
        }
        Ok(Self(span))
    }
}

impl From<Keep> for Span {
    fn from(keep: Keep) -> Self {
        keep.0
    }
}
