//! JUnit XML for CI. A critical finding is a failure and an unknown one an error; a warning passes and is
//! named in its output.

use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::base::clean::clean;
use crate::model::{Finding, Report, Status};

/// One test suite per section.
pub(crate) fn report(report: &Report) -> anyhow::Result<String> {
    let mut out = quick_junit::Report::new(clean(&report.name));
    out.set_timestamp(report.started_at);
    out.set_time(Duration::from_secs_f64(report.duration_seconds));
    for section in &report.sections {
        let mut suite = TestSuite::new(clean(&section.title).into_owned());
        suite.set_timestamp(report.started_at);
        suite.add_test_cases(section.findings.iter().map(case));
        out.add_test_suite(suite);
    }
    Ok(out.to_string()?)
}

fn case(finding: &Finding) -> TestCase {
    let status = match finding.status {
        Status::Ok | Status::Warn => TestCaseStatus::success(),
        Status::Crit => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Status::Unknown => TestCaseStatus::non_success(NonSuccessKind::Error),
        Status::Skipped => TestCaseStatus::skipped(),
    };
    let mut case = TestCase::new(clean(&finding.id).into_owned(), status);
    case.set_classname(clean(&finding.source));
    let hint = finding.hint.as_ref().map(|h| format!("\nnext: {}", clean(h))).unwrap_or_default();
    match finding.status {
        Status::Ok | Status::Warn => {
            case.set_system_out(format!("{}: {}{hint}", finding.status.word(), clean(finding.text())));
        }
        _ => {
            case.status.set_message(format!("{}{hint}", clean(finding.text())));
        }
    }
    case
}
