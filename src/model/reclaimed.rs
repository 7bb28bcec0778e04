//! Rows and bytes that a step reclaimed. The report sums the `reclaimed` fields of all tool results.

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Reclaimed {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
}

impl Reclaimed {
    /// The `reclaimed` field of a tool's result, if it has one.
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
