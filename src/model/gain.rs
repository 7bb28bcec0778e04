//! What a step gained: a tool whose result has a field `gained` is counted in the report's summary.

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Gain {
    pub(crate) rows: u64,
    /// Bytes that were given back.
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
}

impl Gain {
    /// What a tool's result says of it; none when that tool gains nothing.
    pub(crate) fn of(result: &Value) -> Option<Self> {
        Self::deserialize(result.get("gained")?).ok()
    }
}

impl std::iter::Sum for Gain {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |a, b| Self {
            rows: a.rows + b.rows,
            bytes: a.bytes + b.bytes,
            seconds: a.seconds + b.seconds,
        })
    }
}
