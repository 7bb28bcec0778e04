//! The one place that asks what time it is.

use chrono::{DateTime, Utc};

/// A source of the present instant: the system's, or a fixed one under test.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Clock {
    #[default]
    System,
    #[cfg(test)]
    Fixed(DateTime<Utc>),
}

impl Clock {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            #[cfg(test)]
            Self::Fixed(at) => *at,
        }
    }
}
