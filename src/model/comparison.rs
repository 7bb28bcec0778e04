//! Compares a baseline with a saved one.
//!
//! A figure is worse if it differs by more than a fraction of the saved value and by more than its noise: a
//! warning, and critical if it also misses its target. A saved figure without a current value is unknown unless
//! it was left out on purpose. New figures, figures with other conditions and other systems, versions or machines
//! are reported.

use std::path::Path;

use indexmap::IndexSet;
use serde_json::{Map, Value};

use super::{Baseline, Figure, Finding, ReportSection, Status, Worse};
use crate::base::units;

const SOURCE: &str = "ordctl";

/// The section that compares `now` with what was saved in `path`. `worse_by` is a share: 0.2 for 20 %.
/// `missing` tells of a figure's id that is only in the saved one what that counts as, and why it is so.
pub(crate) fn compare(
    now: &Baseline,
    then: &Baseline,
    path: &Path,
    worse_by: f64,
    missing: impl Fn(&str) -> (Status, String),
) -> ReportSection {
    let mut findings = vec![origin(now, then, path)];
    let both: IndexSet<&String> = then.figures.keys().chain(now.figures.keys()).collect();
    for id in both {
        // `steps.api.p95` is `comparison.api.p95` here.
        let name = id.split_once('.').map_or(id.as_str(), |(_, name)| name);
        let finding = match (now.figures.get(id), then.figures.get(id)) {
            (Some(now), Some(then)) => compare_figure(name, now, then, worse_by),
            (None, Some(then)) => absent(name, then, missing(id)),
            (Some(now), None) => {
                absent(name, now, (Status::Skipped, "it is not in the saved baseline".to_owned()))
            }
            (None, None) => continue,
        };
        findings.push(finding);
    }
    for finding in &mut findings {
        finding.id = format!("comparison.{}", finding.id);
    }
    ReportSection::new("comparison", "Comparison", findings)
}

/// Where the saved figures come from: a warning when that is another system, version or machine.
fn origin(now: &Baseline, then: &Baseline, path: &Path) -> Finding {
    let mut other = Vec::new();
    let mut differs = |what: &str, now: &str, then: &str| {
        if now != then {
            other.push(format!("{what} {now}, was {then}"));
        }
    };
    differs("environment", &now.target.environment, &then.target.environment);
    let none = || "none".to_owned();
    let (here, there) = (now.target.database.clone(), then.target.database.clone());
    differs("database", &here.unwrap_or_else(none), &there.unwrap_or_else(none));
    differs("from host", &now.target.host, &then.target.host);
    differs("processors", &now.machine.cpus.to_string(), &then.machine.cpus.to_string());
    let memory = |b: &Baseline| units::bytes(b.machine.memory_bytes as f64);
    differs("memory", &memory(now), &memory(then));
    for (name, version) in &then.versions {
        // A system that was not measured this time does not differ.
        if let Some(present) = now.versions.get(name) {
            differs(name, present, version);
        }
    }
    let saved = format!("Saved baseline: {}, {}", then.at.format("%Y-%m-%d %H:%M:%S %:z"), path.display());
    if other.is_empty() {
        return Finding::new("origin", SOURCE, Status::Ok, saved);
    }
    let summary = format!("{saved}, different conditions: {}", other.join("; "));
    Finding::new("origin", SOURCE, Status::Warn, summary).hint("ordctl baseline --yes --save")
}

fn absent(name: &str, figure: &Figure, (status, why): (Status, String)) -> Finding {
    let summary = format!("{}: not comparable, {why}", figure.title);
    Finding::new(name, SOURCE, status, summary).hint("ordctl baseline --yes --compare")
}

fn compare_figure(name: &str, now: &Figure, then: &Figure, worse_by: f64) -> Finding {
    if now.unit != then.unit || now.conditions != then.conditions {
        let summary = format!(
            "{}: not comparable, measured with other parameters: {}",
            now.title,
            differences(&now.conditions, &then.conditions)
        );
        return Finding::new(name, SOURCE, Status::Warn, summary).hint("ordctl baseline --yes --save");
    }
    let show = |f: &Figure| units::quantity(f.value, Some(&f.unit));
    let mut summary = format!("{}: {}, was {}", now.title, show(now), show(then));
    let ratio = (then.value > 0.0).then(|| now.value / then.value);
    if let Some(ratio) = ratio {
        summary += &format!(" ({:+.0} %)", 100.0 * (ratio - 1.0));
    }
    let by = now.value - then.value;
    let (worse, warn) = match now.worse {
        None => (false, None),
        Some(Worse::Higher) => (by > then.value * worse_by, Some(1.0 + worse_by)),
        Some(Worse::Lower) => (-by > then.value * worse_by, Some(1.0 - worse_by)),
    };
    let status = match (worse && by.abs() > now.noise, now.misses()) {
        (false, _) => Status::Ok,
        (true, false) => Status::Warn,
        (true, true) => Status::Crit,
    };
    if status != Status::Ok {
        summary += &format!(", more than {:.0} % worse", 100.0 * worse_by);
        if status == Status::Crit {
            summary += ", target missed";
        }
    } else if worse {
        let noise = units::quantity(now.noise, Some(&now.unit));
        summary += &format!("; differences below {noise} are noise");
    }
    let mut finding = Finding::new(name, SOURCE, status, summary);
    if let Some(ratio) = ratio {
        (finding.value, finding.unit) = (Some(ratio), Some("×".to_owned()));
        finding.warn = warn;
    }
    finding.hint("ordctl baseline --yes --compare")
}

/// The differing conditions.
fn differences(now: &Value, then: &Value) -> String {
    let empty = Map::new();
    let (now, then) = (now.as_object().unwrap_or(&empty), then.as_object().unwrap_or(&empty));
    let keys: IndexSet<&String> = then.keys().chain(now.keys()).collect();
    let differ = keys.into_iter().filter(|k| now.get(*k) != then.get(*k));
    let show = |value: Option<&Value>| value.map_or_else(|| "none".to_owned(), Value::to_string);
    differ
        .map(|k| format!("{k} {}, was {}", show(now.get(k)), show(then.get(k))))
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BASELINE_VERSION, Machine, Target};
    use indexmap::IndexMap;
    use serde_json::json;

    fn figure(value: f64, worse: Option<Worse>, target: f64) -> Figure {
        Figure {
            title: "F".into(),
            value,
            unit: "s".into(),
            worse,
            target: Some(target),
            noise: 0.01,
            samples: 100,
            conditions: json!({ "rate": 50 }),
        }
    }

    fn baseline(figure: Figure) -> Baseline {
        Baseline {
            schema_version: BASELINE_VERSION,
            at: "2026-01-01T00:00:00+02:00".parse().unwrap(),
            target: Target { environment: "test".into(), ..Target::default() },
            versions: IndexMap::from([("postgresql".to_owned(), "15.8".to_owned())]),
            machine: Machine::default(),
            figures: IndexMap::from([("steps.api.p95".to_owned(), figure)]),
        }
    }

    fn compared(now: &Baseline, then: &Baseline) -> ReportSection {
        compare(now, then, Path::new("f"), 0.2, |_| (Status::Unknown, "it is gone".to_owned()))
    }

    fn verdict(now: Figure, then: Figure) -> Status {
        compared(&baseline(now), &baseline(then)).status
    }

    #[test]
    fn worse_beyond_noise_is_a_warning_and_critical_when_the_target_is_missed() {
        let higher = |value| figure(value, Some(Worse::Higher), 1.0);
        assert_eq!(verdict(higher(0.119), higher(0.1)), Status::Ok);
        assert_eq!(verdict(higher(0.13), higher(0.1)), Status::Warn);
        assert_eq!(verdict(higher(1.3), higher(0.1)), Status::Crit);
        assert_eq!(verdict(higher(0.05), higher(0.1)), Status::Ok);
        // Ten times as much, and still nothing.
        assert_eq!(verdict(higher(0.005), higher(0.0005)), Status::Ok);
        assert_eq!(
            verdict(higher(2.0), higher(2.0)),
            Status::Ok,
            "a missed target alone is not a comparison result"
        );
        assert_eq!(verdict(higher(0.5), higher(0.0)), Status::Warn);
        let lower = |value| figure(value, Some(Worse::Lower), 100.0);
        assert_eq!(verdict(lower(200.0), lower(240.0)), Status::Ok);
        assert_eq!(verdict(lower(200.0), lower(260.0)), Status::Warn);
        assert_eq!(verdict(lower(100.0), lower(260.0)), Status::Crit);
        assert_eq!(verdict(lower(900.0), lower(260.0)), Status::Ok);
        assert_eq!(verdict(figure(9.0, None, 1.0), figure(1.0, None, 1.0)), Status::Ok);
    }

    #[test]
    fn incomparable_figures_are_reported() {
        let one = || figure(0.1, Some(Worse::Higher), 1.0);
        let mut now = baseline(one());
        now.figures["steps.api.p95"].conditions = json!({ "rate": 500 });
        now.figures.insert("steps.api.p99".into(), one());
        now.versions["postgresql"] = "17.1".into();
        now.target.environment = "staging".into();
        let mut then = baseline(one());
        then.figures.insert("steps.database.p95".into(), one());
        let section = compared(&now, &then);
        let statuses: Vec<(&str, Status)> =
            section.findings.iter().map(|f| (f.id.as_str(), f.status)).collect();
        let wanted = [
            ("comparison.origin", Status::Warn),
            ("comparison.api.p95", Status::Warn),
            ("comparison.database.p95", Status::Unknown),
            ("comparison.api.p99", Status::Skipped),
        ];
        assert_eq!(statuses, wanted);
        let origin = &section.findings[0].summary;
        assert!(origin.contains("environment staging, was test"), "{origin}");
        assert!(origin.contains("postgresql 17.1, was 15.8"), "{origin}");
        assert!(section.findings[2].summary.ends_with("not comparable, it is gone"), "{section:?}");
        assert_eq!(compared(&then, &then).status, Status::Ok);
    }
}
