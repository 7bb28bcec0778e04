//! A report: what a runbook found or did. Its JSON form is a contract with `schema_version`.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::{Finding, HOST, Status, Target};
use crate::base::aim::Aim;
use crate::base::exit;

/// Raised when a field of the JSON form changes its meaning or goes away. Fields may be added.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// Whether a report comes from looking or from acting: they have different exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Nothing was to be changed.
    Look,
    /// Something was changed, or would have been.
    Act,
    /// A rehearsal: nothing was changed.
    DryRun,
}

/// What a runbook found or did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) schema_version: u32,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) kind: Kind,
    /// The worst status of all findings; beside an action, those of the diagnosis count as warnings at most.
    pub(crate) status: Status,
    /// An action was refused where only its steps could find out, before any of them changed anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) refused: bool,
    /// Which system the report is about.
    pub(crate) target: Target,
    /// When it began, in the configured time zone.
    pub(crate) started_at: DateTime<FixedOffset>,
    pub(crate) duration_seconds: f64,
    /// Findings by section, in the runbook's order.
    pub(crate) sections: Vec<ReportSection>,
    /// Why the status is what it is: the summaries of what is worst, worst first.
    pub(crate) reasons: Vec<String>,
    /// Commands to type next, those of the worst findings first, each once.
    pub(crate) next: Vec<String>,
}

/// The section of what is looked at before anything is done.
pub(crate) const DIAGNOSIS: &str = "diagnosis";

/// The findings under one title.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReportSection {
    pub(crate) id: String,
    pub(crate) title: String,
    /// The worst status of its findings.
    pub(crate) status: Status,
    pub(crate) findings: Vec<Finding>,
}

impl ReportSection {
    /// A section with the status that its findings give it.
    pub(crate) fn new(id: &str, title: &str, findings: Vec<Finding>) -> Self {
        let status = Status::worst(findings.iter().map(|f| f.status));
        Self { id: id.to_owned(), title: title.to_owned(), status, findings }
    }

    /// What it counts for. What was found before anything was done is why it was done, or is to be known
    /// besides: it does not make what was done a failure.
    fn counts_in(&self, kind: Kind) -> Status {
        match self.status {
            Status::Crit | Status::Unknown if kind != Kind::Look && self.id == DIAGNOSIS => Status::Warn,
            status => status,
        }
    }
}

impl Report {
    /// Puts sections together and draws the conclusions.
    pub(crate) fn new(
        name: &str,
        title: &str,
        kind: Kind,
        target: Target,
        started_at: DateTime<FixedOffset>,
        sections: Vec<ReportSection>,
    ) -> Self {
        let mut report = Self {
            schema_version: SCHEMA_VERSION,
            name: name.to_owned(),
            title: title.to_owned(),
            kind,
            status: Status::worst(sections.iter().map(|s| s.counts_in(kind))),
            refused: false,
            target,
            started_at,
            duration_seconds: 0.0,
            sections,
            reasons: Vec::new(),
            next: Vec::new(),
        };
        for status in [Status::Crit, Status::Unknown, Status::Warn] {
            let found: Vec<_> = report.findings().filter(|f| f.status == status).cloned().collect();
            for (i, finding) in found.iter().enumerate() {
                // One dead system is one reason, however much it kept from being known.
                if !found[..i].iter().any(|earlier| finding.repeats(earlier)) {
                    report.reasons.push(finding.summary.clone());
                }
                report.next.extend(finding.hint.clone().filter(|h| !report.next.contains(h)));
            }
        }
        if report.is_of_this_host_alone() {
            report.status = if report.status == Status::Ok { Status::Skipped } else { report.status };
            report.reasons.push("no system is configured: only this host was looked at".to_owned());
            report.next.push("ordctl config show --origin".to_owned());
        }
        report
    }

    /// The report with one more section, and the conclusions drawn anew.
    #[must_use]
    pub(crate) fn with(mut self, section: ReportSection) -> Self {
        self.sections.push(section);
        let Self { name, title, kind, refused, target, started_at, duration_seconds, sections, .. } = self;
        Self { duration_seconds, refused, ..Self::new(&name, &title, kind, target, started_at, sections) }
    }

    /// Puts flags into the commands of all hints: typed as they stand, they go to the system of the report.
    pub(crate) fn aim(&mut self, aim: &Aim) {
        let findings = self.sections.iter_mut().flat_map(|s| &mut s.findings).filter_map(|f| f.hint.as_mut());
        for hint in findings.chain(&mut self.next) {
            *hint = aim.at(hint);
        }
    }

    /// Whether systems were asked for and none of them is configured: a crontab that does not find its
    /// configuration must not hear that all is well.
    fn is_of_this_host_alone(&self) -> bool {
        self.kind == Kind::Look
            && self.status != Status::Skipped
            && self.count(Status::Skipped) > 0
            && self.findings().all(|f| f.status == Status::Skipped || f.source == HOST)
    }

    pub(crate) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.sections.iter().flat_map(|s| &s.findings)
    }

    /// How many findings have this status.
    pub(crate) fn count(&self, status: Status) -> usize {
        self.findings().filter(|f| f.status == status).count()
    }

    /// The exit code that the status asks for.
    pub(crate) fn exit_code(&self) -> u8 {
        match (self.kind, self.status) {
            (Kind::Look, status) => status.exit_code(),
            (_, Status::Ok | Status::Skipped) => exit::OK,
            (_, Status::Warn) => exit::WARNING,
            (Kind::DryRun, Status::Crit | Status::Unknown) => exit::REFUSED,
            (Kind::Act, Status::Crit | Status::Unknown) if self.refused => exit::REFUSED,
            (Kind::Act, Status::Crit | Status::Unknown) => exit::CRITICAL,
        }
    }
}
