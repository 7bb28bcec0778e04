//! The loops of an engine node that must make progress.

use serde::{Deserialize, Serialize};

/// A kind of loop. A node runs one of each that its roles need, and several lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EngineLoop {
    Scheduler,
    Conditions,
    Lane,
    LeaseRenewal,
    Reaper,
    Relay,
    Consumer,
    Retention,
    Sampling,
    /// Reports the progress of the others; it proves that the node can write.
    Reporter,
}

impl EngineLoop {
    pub(crate) const ALL: [Self; 10] = [
        Self::Scheduler,
        Self::Conditions,
        Self::Lane,
        Self::LeaseRenewal,
        Self::Reaper,
        Self::Relay,
        Self::Consumer,
        Self::Retention,
        Self::Sampling,
        Self::Reporter,
    ];

    /// As in `ordctl.loop_progress` and in the label of the metric.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Scheduler => "scheduler",
            Self::Conditions => "conditions",
            Self::Lane => "lane",
            Self::LeaseRenewal => "lease_renewal",
            Self::Reaper => "reaper",
            Self::Relay => "relay",
            Self::Consumer => "consumer",
            Self::Retention => "retention",
            Self::Sampling => "sampling",
            Self::Reporter => "reporter",
        }
    }

    /// As in findings.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Scheduler => "Scheduler",
            Self::Conditions => "Condition watch",
            Self::Lane => "Worker lanes",
            Self::LeaseRenewal => "Lease renewal",
            Self::Reaper => "Reaper",
            Self::Relay => "Event relay",
            Self::Consumer => "Event consumer",
            Self::Retention => "Retention",
            Self::Sampling => "Size samples",
            Self::Reporter => "Progress report",
        }
    }

    /// Minutes lie between two attempts, so the last attempt decides.
    pub(crate) fn is_rare(self) -> bool {
        matches!(self, Self::Retention | Self::Sampling)
    }

    /// Without it, tasks do not run. The others delay events or let tables grow.
    pub(crate) fn is_essential(self) -> bool {
        !matches!(self, Self::Relay | Self::Consumer | Self::Retention | Self::Sampling)
    }
}
