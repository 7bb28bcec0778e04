//! The verdict of a finding, and how verdicts are combined.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::exit;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Ok,
    /// To be examined today.
    Warn,
    /// To be acted on now.
    Crit,
    /// Configured, but it did not answer.
    Unknown,
    /// Not configured, or its condition is false. Listed, never counted.
    Skipped,
}

impl Status {
    /// Every status, worst first.
    pub(crate) const ALL: [Status; 5] = [Self::Crit, Self::Unknown, Self::Warn, Self::Ok, Self::Skipped];

    /// Its name, as in JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Crit => "crit",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
        }
    }

    /// Its name in text for people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Warn => "warning",
            Self::Crit => "critical",
            other => other.name(),
        }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Skipped => 0,
            Self::Ok => 1,
            Self::Warn => 2,
            Self::Unknown => 3,
            Self::Crit => 4,
        }
    }

    /// The worst in the order crit, unknown, warn, ok. `Skipped` only when nothing else is there.
    pub(crate) fn worst(all: impl IntoIterator<Item = Status>) -> Status {
        all.into_iter().max_by_key(|s| s.rank()).unwrap_or(Self::Skipped)
    }

    /// The exit code of a report. A report that checked nothing is no success.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::Ok => exit::OK,
            Self::Warn => exit::WARNING,
            Self::Crit => exit::CRITICAL,
            Self::Unknown | Self::Skipped => exit::UNKNOWN,
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Status::{self, Crit, Ok, Skipped, Unknown, Warn};

    #[test]
    fn the_worst_status_wins_and_skipped_never_counts() {
        assert_eq!(Status::worst([Ok, Warn, Unknown]), Unknown);
        assert_eq!(Status::worst([Unknown, Crit]), Crit);
        assert_eq!(Status::worst([Skipped, Ok]), Ok);
        assert_eq!(Status::worst([Skipped]), Skipped);
        assert_eq!(Status::worst([]).exit_code(), 3);
    }
}
