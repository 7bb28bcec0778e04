//! Bounds of a run's memory and of its evaluations.

use serde::{Deserialize, Serialize};

use crate::base::size::Size;

/// Sizes count the texts of a value, and 16 bytes for each value and key in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// Maximum size of a result that a step saves, of its rendered parameters and of an expression's value.
    pub(crate) value: Size,
    /// Maximum size of everything that the steps of a run can read.
    pub(crate) context: Size,
    /// Maximum number of steps of an expression's evaluation: about one for each value that it visits.
    pub(crate) evaluation_steps: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { value: Size::new(8 << 20), context: Size::new(32 << 20), evaluation_steps: 10_000_000 }
    }
}
