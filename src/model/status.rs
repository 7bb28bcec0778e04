//! The verdict of a finding, and how verdicts add up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::exit;

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// As it should be.
    Ok,
    /// Worth a look today.
    Warn,
    /// Needs somebody now.
    Crit,
    /// Configured, but could not be asked.
    Unknown,
    /// Not configured, or its condition did not hold: listed, never counted.
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

    const fn rank(self) -> u8 {
        match self {
            Self::Skipped => 0,
            Self::Ok => 1,
            Self::Warn => 2,
            Self::Unknown => 3,
            Self::Crit => 4,
        }
    }

    /// The worst of several: crit, unknown, warn, ok. Skipped ones do not count; with nothing
    /// that counts the answer is `Skipped`.
    pub(crate) fn worst(all: impl IntoIterator<Item = Status>) -> Status {
        all.into_iter().max_by_key(|s| s.rank()).unwrap_or(Self::Skipped)
    }

    /// The exit code of a command that looks. A report in which nothing was configured has
    /// verified nothing, so it is no success.
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
    fn the_worst_wins_and_skipped_never_counts() {
        assert_eq!(Status::worst([Ok, Warn, Unknown]), Unknown);
        assert_eq!(Status::worst([Unknown, Crit]), Crit);
        assert_eq!(Status::worst([Skipped, Ok]), Ok);
        assert_eq!(Status::worst([Skipped]), Skipped);
        assert_eq!(Status::worst([]).exit_code(), 3);
    }
}
