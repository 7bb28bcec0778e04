//! Masks the secrets of a step in everything that it returns.

use serde_json::Value;

use crate::base::secrets::Secrets;
use crate::model::Finding;
use crate::tools::Output;

/// A tool's findings and result.
pub(crate) fn output(secrets: &Secrets, output: Output<Value>) -> Output<Value> {
    let findings = output.findings.into_iter().map(|f| finding(secrets, f)).collect();
    Output { findings, result: secrets.mask_value(output.result) }
}

fn finding(secrets: &Secrets, finding: Finding) -> Finding {
    // A number that spells a secret cannot be masked as a number.
    let plain = |v: &f64| secrets.mask(&v.to_string()) == v.to_string();
    Finding {
        id: secrets.mask(&finding.id),
        status: finding.status,
        summary: secrets.mask(&finding.summary),
        source: finding.source,
        value: finding.value.filter(plain),
        unit: finding.unit.map(|u| secrets.mask(&u)),
        warn: finding.warn.filter(plain),
        crit: finding.crit.filter(plain),
        worse: finding.worse,
        hint: finding.hint.map(|h| secrets.mask(&h)),
        details: finding.details.map(|d| secrets.mask_value(d)),
        series: finding.series.filter(|s| s.points.iter().all(|p| plain(&p.value))),
        heading: finding.heading,
        cells: finding.cells.map(|row| row.into_iter().map(|(k, v)| (k, secrets.mask(&v))).collect()),
    }
}
