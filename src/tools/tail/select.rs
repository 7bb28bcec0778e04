//! Which lines are wanted.

use std::sync::Arc;

use regex::bytes::Regex;

use super::severity::Severities;
use crate::clients::docker::{Line, Picks};
use crate::model::Severity;

/// What a line must be to be shown. Cheap to clone: every container's log is read with its own.
#[derive(Clone, Default)]
pub struct Select(Arc<Wanted>);

/// See [`Select`].
#[derive(Default)]
pub struct Wanted {
    /// Nothing from this time on, in the form of a log's times.
    pub until: Option<Vec<u8>>,
    /// At least so grave.
    pub level: Option<Severity>,
    /// What must be found in it: one of these, if there are any.
    pub grep: Vec<Regex>,
    /// What must not be found in it.
    pub exclude: Vec<Regex>,
    /// Tells how grave a line is.
    pub severities: Severities,
}

impl Select {
    /// Lines as wanted.
    pub fn new(wanted: Wanted) -> Self {
        Self(Arc::new(wanted))
    }
}

impl Picks for Select {
    fn wants(&self, line: &Line<'_>) -> bool {
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
