//! `--only` and `--skip`: which steps or sections run.

use std::collections::BTreeSet;

use crate::base::cli_error::CliError;
use crate::base::suggest;
use crate::model::Runbook;

#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    /// Run only these; empty runs all.
    pub(crate) only: Vec<String>,
    pub(crate) skip: Vec<String>,
}

impl Choice {
    /// Why a step or section with one of these names is skipped, if it is.
    pub(crate) fn skip_reason(&self, names: &[&str]) -> Option<String> {
        let named = |list: &[String]| list.iter().any(|n| names.contains(&n.as_str()));
        if named(&self.skip) {
            return Some("skipped by --skip".to_owned());
        }
        (!self.only.is_empty() && !named(&self.only)).then(|| "skipped by --only".to_owned())
    }

    pub(crate) fn is_everything(&self) -> bool {
        self.only.is_empty() && self.skip.is_empty()
    }

    /// Every name must be a section or step of the runbook.
    pub(crate) fn check(&self, runbook: &Runbook) -> Result<(), CliError> {
        let mut known: Vec<&str> = runbook.sections.iter().map(|s| s.id.as_str()).collect();
        known.extend(runbook.all_steps().map(|(_, s)| s.name()));
        known.extend((!runbook.diagnose.is_empty()).then_some("diagnosis"));
        // A section and its only step often share a name.
        let mut seen = BTreeSet::new();
        known.retain(|name| seen.insert(*name));
        match self.only.iter().chain(&self.skip).find(|n| !known.contains(&n.as_str())) {
            Some(name) => Err(CliError::usage(format!("{} has no section or step '{name}'", runbook.name))
                .hint(suggest::hint(name, &known))),
            None => Ok(()),
        }
    }
}
