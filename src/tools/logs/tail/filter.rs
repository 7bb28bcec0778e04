//! Filters log lines by time, severity and pattern.

use std::sync::Arc;

use regex::bytes::Regex;

use crate::clients::platform::{Line, LineFilter};
use crate::model::Severity;
use crate::tools::logs::tail::severity::SeverityDetector;

/// Cheap to clone: each container's reader has its own.
#[derive(Clone, Default)]
pub(crate) struct LineMatcher(Arc<MatchRules>);

#[derive(Default)]
pub(crate) struct MatchRules {
    /// Exclusive end, in the time format of log lines.
    pub(crate) until: Option<Vec<u8>>,
    pub(crate) min_severity: Option<Severity>,
    /// A line must match one of these, if there are any.
    pub(crate) grep: Vec<Regex>,
    /// A line must match none of these.
    pub(crate) exclude: Vec<Regex>,
    pub(crate) detector: SeverityDetector,
}

impl LineMatcher {
    pub(crate) fn new(rules: MatchRules) -> Self {
        Self(Arc::new(rules))
    }
}

impl LineFilter for LineMatcher {
    fn accepts(&self, line: &Line<'_>) -> bool {
        let rules = &*self.0;
        if rules.until.as_deref().is_some_and(|until| line.time >= until) {
            return false;
        }
        let matches_any = |regexes: &[Regex]| regexes.iter().any(|r| r.is_match(line.text));
        (rules.grep.is_empty() || matches_any(&rules.grep))
            && !matches_any(&rules.exclude)
            && rules.min_severity.is_none_or(|min| rules.detector.detect(line.text).0 >= Some(min))
    }
}
