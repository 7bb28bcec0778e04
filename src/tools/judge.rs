//! Judges the values of named queries, for `check.query` and `check.promql`.

use crate::base::units;
use crate::model::{Finding, Status, Threshold};

/// How the values of one query are judged and shown.
pub(crate) struct Judge<'a> {
    /// The system that gave the values.
    pub(crate) source: &'static str,
    pub(crate) unit: Option<&'a str>,
    pub(crate) threshold: Threshold,
    /// The next command when a value is not ok.
    pub(crate) hint: Option<&'a str>,
}

impl Judge<'_> {
    /// `name: value`, compared with the thresholds. `note` follows the value.
    pub(crate) fn value(&self, id: &str, name: &str, value: f64, note: &str) -> Finding {
        let summary = format!("{name}: {}{note}", units::quantity(value, self.unit));
        self.hinted(Finding::measured(id, self.source, summary, value, self.unit, self.threshold))
    }

    /// `name: text`, without a value to compare.
    pub(crate) fn no_value(&self, id: &str, name: &str, status: Status, text: &str) -> Finding {
        self.hinted(Finding::new(id, self.source, status, format!("{name}: {text}")))
    }

    fn hinted(&self, finding: Finding) -> Finding {
        match self.hint {
            Some(hint) => finding.hint(hint),
            None => finding,
        }
    }
}
