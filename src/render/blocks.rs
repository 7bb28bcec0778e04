//! The blocks of a report: the findings under one title.

use crate::model::{Finding, Report, ReportSection, Status};

pub(super) struct Block<'a> {
    pub(super) section: &'a ReportSection,
    pub(super) title: &'a str,
    pub(super) findings: Vec<&'a Finding>,
}

impl Block<'_> {
    pub(super) fn status(&self) -> Status {
        Status::worst(self.findings.iter().map(|f| f.status))
    }

    /// Whether nothing in it needs attention.
    pub(super) fn is_ok(&self) -> bool {
        self.findings.iter().all(|f| is_ok(f))
    }
}

pub(super) fn is_ok(finding: &Finding) -> bool {
    matches!(finding.status, Status::Ok | Status::Skipped)
}

/// The sections of a report; a section whose findings have headings has one block for each.
pub(super) fn blocks(report: &Report) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for section in &report.sections {
        let mut heading = None;
        for (n, finding) in section.findings.iter().enumerate() {
            if n == 0 || finding.heading.as_deref() != heading {
                heading = finding.heading.as_deref();
                let title = heading.unwrap_or(&section.title);
                blocks.push(Block { section, title, findings: Vec::new() });
            }
            if let Some(block) = blocks.last_mut() {
                block.findings.push(finding);
            }
        }
    }
    blocks
}
