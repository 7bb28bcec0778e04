//! Findings of a load: response times, rate, errors and requests that were not sent in time.

use crate::base::units;
use crate::clients::http::SYSTEM;
use crate::model::{Figure, Finding, Status, Worse};
use crate::tools::baseline::Measurement;
use crate::tools::baseline::load::generator::{Plan, Tally};

/// The client is late if 5 % of the requests started later than this fraction of the target.
const LATE: f64 = 0.25;
/// Critical percentage of failed requests; below, a warning.
const FAILED: f64 = 1.0;

pub(super) fn findings(plan: &Plan, tally: &Tally, measurement: &Measurement<'_>) -> Vec<Finding> {
    let (name, times) = (measurement.title, &tally.times);
    let mut findings = Vec::new();
    if times.count() > 0 {
        let show = |share: f64| units::duration(times.at(share));
        let summary = format!(
            "{name}: p95 {} (target below {}) at {} requests/s (p50 {}, p99 {}, max {}, of {})",
            show(0.95),
            units::duration(measurement.target),
            units::count(plan.rate),
            show(0.5),
            show(0.99),
            units::duration(times.max()),
            units::count(times.count() as f64)
        );
        let hint = "`ordctl logs analyze --since 15m` and `ordctl capacity --only performance`";
        findings.push(measurement.judged("p95", times.at(0.95), summary, hint));
        let worse = Some(Worse::Higher);
        for (id, share) in [("p50", 0.5), ("p99", 0.99)] {
            findings.push(measurement.time(
                id,
                times.at(share),
                worse,
                format!("{name}: {id} {}", show(share)),
            ));
        }
        let max = units::duration(times.max());
        // A single request is noise: shown, not judged.
        findings.push(measurement.time("max", times.max(), None, format!("{name}: max {max}")));
    } else {
        let summary = format!("{name}: no verdict, no response to {} requests", plan.count);
        findings.push(Finding::new("p95", SYSTEM, Status::Unknown, summary));
    }
    findings.push(throughput(plan, tally, measurement));
    findings.push(failed(("errors", "failed"), tally.errors(), &errors_of(tally), plan, measurement));
    let limit = units::duration(plan.patience.as_secs_f64());
    let why = format!(": no answer within {limit}");
    findings.push(failed(("timeouts", "timed out"), tally.timeouts, &why, plan, measurement));
    findings.push(unsent(plan, tally, measurement));
    findings
}

/// The reason for no verdict if the client was late.
pub(super) fn late(tally: &Tally, target: f64) -> Option<String> {
    let lag = tally.lag.at(0.95);
    (lag > LATE * target).then(|| {
        format!(
            "no verdict: this machine was too slow, 5 % of the requests started {} late or more",
            units::duration(lag)
        )
    })
}

fn throughput(plan: &Plan, tally: &Tally, measurement: &Measurement<'_>) -> Finding {
    // Of the time that was planned, in which the last request has its share, too: how long the last of them
    // took is no matter of the rate, and one that times out would bend it.
    let planned = f64::from(plan.count) / plan.rate;
    let achieved = tally.good as f64 / planned;
    let mut summary = format!(
        "{}: {achieved:.1} successful responses/s of {} requests/s",
        measurement.title,
        units::count(plan.rate)
    );
    if tally.queued > 0 {
        summary += &format!(
            "; {} requests waited for one of {} connections (included in their latency)",
            units::count(tally.queued as f64),
            plan.connections
        );
    }
    let finding = Finding::new("rate", SYSTEM, Status::Ok, summary);
    let figure = Figure {
        title: format!("{} rate", measurement.title),
        value: achieved,
        unit: "requests/s".to_owned(),
        worse: Some(Worse::Lower),
        target: None,
        noise: 0.05 * plan.rate,
        samples: plan.count.into(),
        conditions: measurement.conditions.clone(),
    };
    let finding = Finding { value: Some(achieved), unit: Some("requests/s".to_owned()), ..finding };
    measurement.attach(figure, finding)
}

/// Requests that were not sent in time. They are not failures, but the load was lower than requested.
fn unsent(plan: &Plan, tally: &Tally, measurement: &Measurement<'_>) -> Finding {
    let (unsent, all) = (tally.crowded + tally.overdue, plan.count.max(1));
    let many = |n: u64| units::count(n as f64);
    let mut why = Vec::new();
    if tally.crowded > 0 {
        let half = units::duration(plan.patience.as_secs_f64() / 2.0);
        let (n, connections) = (many(tally.crowded), plan.connections);
        why.push(format!("{n} found all {connections} connections busy for {half} or longer"));
    }
    if tally.overdue > 0 {
        why.push(format!("this machine was too slow for {}", many(tally.overdue)));
    }
    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join(", ")) };
    let summary = format!(
        "{}: {} of {} requests were not sent in time{why}",
        measurement.title,
        many(unsent),
        many(all.into())
    );
    let status = if unsent == 0 { Status::Ok } else { Status::Warn };
    let share = 100.0 * unsent as f64 / f64::from(all);
    let finding = Finding::new("unsent", SYSTEM, status, summary);
    Finding { value: Some(share), unit: Some("%".to_owned()), ..finding }
        .hint("ordctl baseline --only api -p connections=500")
}

fn errors_of(tally: &Tally) -> String {
    let mut parts: Vec<String> = tally
        .statuses
        .iter()
        .map(|(code, n)| format!("{} answered {code}", units::count(*n as f64)))
        .collect();
    if tally.broken > 0 {
        let why = tally.why.as_ref().map_or_else(String::new, |w| format!(": {w}"));
        parts.push(format!("{} failed{why}", units::count(tally.broken as f64)));
    }
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

fn failed(
    (id, did): (&str, &str),
    count: u64,
    why: &str,
    plan: &Plan,
    measurement: &Measurement<'_>,
) -> Finding {
    let share = 100.0 * count as f64 / f64::from(plan.count.max(1));
    let status = match count {
        0 => Status::Ok,
        _ if share < FAILED => Status::Warn,
        _ => Status::Crit,
    };
    let why = if count == 0 { "" } else { why };
    let count = units::count(count as f64);
    let summary =
        format!("{}: {count} of {} requests {did}{why}", measurement.title, units::count(plan.count.into()));
    let finding = Finding::new(id, SYSTEM, status, summary);
    Finding { value: Some(share), unit: Some("%".to_owned()), crit: Some(FAILED), ..finding }
        .hint("ordctl logs analyze --since 15m")
}
