//! How a value has gone over time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A value at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) at: DateTime<Utc>,
    pub(crate) value: f64,
}

/// Values in the order of their instants.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Series {
    /// What was measured or computed.
    pub(crate) points: Vec<Point>,
    /// The two ends of the line that fits them best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<[Point; 2]>,
}

impl Series {
    pub(crate) fn new(points: Vec<Point>) -> Self {
        Self { points, line: None }
    }
}
