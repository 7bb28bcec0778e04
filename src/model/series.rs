//! How a value has gone over time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A value at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// When.
    pub at: DateTime<Utc>,
    /// How much.
    pub value: f64,
}

/// Values in the order of their instants.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What was measured or computed.
    pub points: Vec<Point>,
    /// The two ends of the line that fits them best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<[Point; 2]>,
}

impl Series {
    /// Values without a line.
    pub fn new(points: Vec<Point>) -> Self {
        Self { points, line: None }
    }
}
