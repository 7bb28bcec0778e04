//! A report: what a runbook found or did. Its JSON form is a versioned contract.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::{Finding, HOST, Status, Target};
use crate::base::exit;
use crate::base::target_flags::TargetFlags;

/// Incremented when a field of the JSON form changes its meaning or is removed. Fields may be added.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// Whether the runbook only checks or also acts. The exit codes differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Checks only.
    Look,
    /// Changes the system.
    Act,
    /// Checks the preconditions of an action and changes nothing.
    DryRun,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) schema_version: u32,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) kind: Kind,
    /// The worst status of all findings. Beside an action, the diagnosis counts as a warning at most.
    pub(crate) status: Status,
    /// A step refused the action before anything was changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) refused: bool,
    pub(crate) target: Target,
    /// In the configured time zone.
    pub(crate) started_at: DateTime<FixedOffset>,
    pub(crate) duration_seconds: f64,
    /// Findings by section, in the runbook's order.
    pub(crate) sections: Vec<ReportSection>,
    /// The summaries of the findings that are not ok, worst first.
    pub(crate) reasons: Vec<String>,
    /// Next commands, those of the worst findings first, without duplicates.
    pub(crate) next: Vec<String>,
    /// What the plan of a dry run would do, in at most three lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) plan_summary: Vec<String>,
}

/// The section of a dry run with the steps that would run.
pub(crate) const PLAN: &str = "plan";

/// The section of the steps that ran.
pub(crate) const STEPS: &str = "steps";

/// The section with the checks that run before an action.
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
    pub(crate) fn new(id: &str, title: &str, findings: Vec<Finding>) -> Self {
        let status = Status::worst(findings.iter().map(|f| f.status));
        Self { id: id.to_owned(), title: title.to_owned(), status, findings }
    }

    /// The status that the section contributes to the report. A problem found before an action is often
    /// its reason, so it does not make the action a failure.
    fn counts_in(&self, kind: Kind) -> Status {
        match self.status {
            Status::Crit | Status::Unknown if kind != Kind::Look && self.id == DIAGNOSIS => Status::Warn,
            status => status,
        }
    }
}

impl Report {
    /// Combines sections into a report with its status, reasons and next commands.
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
            plan_summary: Vec::new(),
        };
        for status in [Status::Crit, Status::Unknown, Status::Warn] {
            let found: Vec<_> = report.findings().filter(|f| f.status == status).cloned().collect();
            for (i, finding) in found.iter().enumerate() {
                // One unreachable system is one reason, however many checks it affects.
                if !found[..i].iter().any(|earlier| finding.repeats(earlier)) {
                    report.reasons.push(finding.text().to_owned());
                }
                report.next.extend(finding.hint.clone().filter(|h| !report.next.contains(h)));
            }
        }
        if report.covers_only_this_host() {
            report.status = if report.status == Status::Ok { Status::Skipped } else { report.status };
            report.reasons.push("no system is configured: only this host was checked".to_owned());
            report.next.extend(["ordctl init", "ordctl config show --origin"].map(str::to_owned));
        }
        report
    }

    /// Adds a section and recomputes status, reasons and next commands.
    #[must_use]
    pub(crate) fn with(mut self, section: ReportSection) -> Self {
        self.sections.push(section);
        let Self { name, title, kind, refused, target, started_at, duration_seconds, sections, .. } = self;
        let report = Self::new(&name, &title, kind, target, started_at, sections);
        Self { duration_seconds, refused, plan_summary: self.plan_summary, ..report }
    }

    pub(crate) fn hints(&self) -> impl Iterator<Item = &String> {
        self.findings().filter_map(|f| f.hint.as_ref()).chain(&self.next)
    }

    /// Puts the flags that chose the system into the commands of all hints.
    pub(crate) fn qualify_hints(&mut self, target: &TargetFlags) {
        self.hints_mut().for_each(|hint| *hint = target.qualify(hint));
    }

    pub(crate) fn replace_hint(&mut self, from: &str, to: &str) {
        self.hints_mut().filter(|hint| *hint == from).for_each(|hint| *hint = to.to_owned());
        self.next.dedup();
    }

    fn hints_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let findings = self.sections.iter_mut().flat_map(|s| &mut s.findings);
        findings.filter_map(|f| f.hint.as_mut()).chain(&mut self.next)
    }

    /// Whether no checked system is configured. A cron job that does not find its configuration must not
    /// report ok.
    fn covers_only_this_host(&self) -> bool {
        self.kind == Kind::Look
            && self.status != Status::Skipped
            && self.count(Status::Skipped) > 0
            && self.findings().all(|f| f.status == Status::Skipped || f.source == HOST)
    }

    pub(crate) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.sections.iter().flat_map(|s| &s.findings)
    }

    pub(crate) fn count(&self, status: Status) -> usize {
        self.findings().filter(|f| f.status == status).count()
    }

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
