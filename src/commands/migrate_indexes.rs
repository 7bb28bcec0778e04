//! The indexes of Ordinaut that `migrate --tune` drops, as report sections.

use serde_json::json;

use crate::base::units;
use crate::engine::migrations::{CostlyIndex, DroppedIndex};
use crate::model::{Finding, ReportSection, Status as Verdict};

pub(super) fn list_indexes(indexes: &[CostlyIndex]) -> ReportSection {
    let findings = indexes
        .iter()
        .map(|index| {
            let size = units::bytes(index.bytes as f64);
            let since = index.since.map_or_else(
                || "since the statistics started".to_owned(),
                |at| format!("since {}", at.format("%F %H:%M UTC")),
            );
            let text = format!(
                "{} on {}: {}, {size}, {} scans {since}; {}",
                index.name, index.relation, index.definition, index.scans, index.because
            );
            Finding::new(&index.name, "postgresql", Verdict::Ok, text)
                .details(json!({ "statement": index.statement() }))
        })
        .collect();
    ReportSection::new("tune", "Indexes that --tune drops", findings)
}

pub(super) fn dropped_indexes(dropped: &[DroppedIndex]) -> ReportSection {
    let mut findings: Vec<Finding> = dropped
        .iter()
        .map(|d| {
            let text = format!("{}: dropped, {}", d.index.name, units::bytes(d.index.bytes as f64));
            Finding::new(&d.index.name, "postgresql", Verdict::Ok, text)
        })
        .collect();
    if findings.is_empty() {
        findings.push(Finding::new("none", "postgresql", Verdict::Ok, "Indexes to drop: none"));
    }
    ReportSection::new("tune", "Indexes", findings)
}
