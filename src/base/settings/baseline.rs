//! What the system's performance has to be, and on how much a verdict rests at least.

use serde::{Deserialize, Serialize};

use crate::base::units::Span;

/// Targets of `ordctl baseline`. A value that has reached its target has missed it: "below 200 ms".
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Baseline {
    /// 95 % of the API's answers take less.
    pub(crate) api_p95: Span,
    /// 95 % of the work starts sooner after its scheduled instant.
    pub(crate) scheduling_p95: Span,
    /// 95 % of the answers to cheap questions take the database less.
    pub(crate) database_p95: Span,
    /// The workers can do more runs a minute.
    pub(crate) tasks_per_minute: f64,
    /// A verdict on requests, questions or runs needs so many.
    pub(crate) min_samples: u64,
    /// A verdict on when work starts needs so many probe tasks.
    pub(crate) min_probes: u64,
}

impl Default for Baseline {
    fn default() -> Self {
        Self {
            api_p95: milliseconds(200),
            scheduling_p95: Span::seconds(30),
            database_p95: milliseconds(100),
            tasks_per_minute: 100.0,
            min_samples: 50,
            min_probes: 5,
        }
    }
}

const fn milliseconds(ms: u64) -> Span {
    Span::new(std::time::Duration::from_millis(ms))
}
