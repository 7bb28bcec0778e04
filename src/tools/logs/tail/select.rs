//! Which lines are wanted.

use std::sync::Arc;

use regex::bytes::Regex;

use crate::clients::platform::{Line, LineFilter};
use crate::model::Severity;
use crate::tools::logs::tail::severity::Severities;

/// What a line must be to be shown. Cheap to clone: every container's log is read with its own.
#[derive(Clone, Default)]
pub(crate) struct Select(Arc<Wanted>);

#[derive(Default)]
pub(crate) struct Wanted {
    /// Nothing from this time on, in the form of a log's times.
    pub(crate) until: Option<Vec<u8>>,
    pub(crate) level: Option<Severity>,
    /// What must be found in it: one of these, if there are any.
    pub(crate) grep: Vec<Regex>,
    /// What must not be found in it.
    pub(crate) exclude: Vec<Regex>,
    /// Tells how grave a line is.
    pub(crate) severities: Severities,
}

impl Select {
    pub(crate) fn new(wanted: Wanted) -> Self {
        Self(Arc::new(wanted))
    }
}

impl LineFilter for Select {
    fn accepts(&self, line: &Line<'_>) -> bool {
        let wanted = &*self.0;
        if wanted.until.as_deref().is_some_and(|until| line.time >= until) {
            return false;
        }
        let found = |all: &[Regex]| all.iter().any(|r| r.is_match(line.text));
        (wanted.grep.is_empty() || found(&wanted.grep))
            && !found(&wanted.exclude)
            && wanted.level.is_none_or(|least| wanted.severities.of(line.text).0 >= Some(least))
    }
}
