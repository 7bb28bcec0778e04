//! What a step reclaimed: a tool whose result has a field `reclaimed` is counted in the report's summary.

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Reclaimed {
    pub(crate) rows: u64,
    /// Bytes that were given back.
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
}

impl Reclaimed {
    /// What a tool's result says of it; none when that tool gains nothing.
    pub(crate) fn of(result: &Value) -> Option<Self> {
        Self::deserialize(result.get("reclaimed")?).ok()
    }
}

impl std::iter::Sum for Reclaimed {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |a, b| Self {
            rows: a.rows + b.rows,
            bytes: a.bytes + b.bytes,
            seconds: a.seconds + b.seconds,
        })
    }
}
