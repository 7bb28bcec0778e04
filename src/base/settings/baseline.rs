//! Performance targets and the minimum number of samples.

use serde::{Deserialize, Serialize};

use crate::base::units::Span;

/// Targets of `ordctl baseline`. A value equal to its target misses it: the target is "below 200 ms".
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Baseline {
    /// 95th percentile of API response times.
    pub(crate) api_p95: Span,
    /// 95th percentile of start delays after the scheduled time.
    pub(crate) scheduling_p95: Span,
    /// 95th percentile of response times of cheap queries.
    pub(crate) database_p95: Span,
    /// Minimum worker capacity in runs per minute.
    pub(crate) tasks_per_minute: f64,
    /// Minimum number of requests, queries or runs for a verdict.
    pub(crate) min_samples: u64,
    /// Minimum number of probe tasks for a verdict on start delays.
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
