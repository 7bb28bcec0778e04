//! Findings of the probes: start delays and missed probes.

use crate::base::units;
use crate::base::units::count;
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Worse};
use crate::tools::baseline::probe::Params;
use crate::tools::baseline::{Latencies, Measurement};

pub(super) fn findings(
    params: &Params,
    times: &Latencies,
    missed: u64,
    measurement: &Measurement<'_>,
) -> Vec<Finding> {
    let show = |share: f64| units::duration(times.at(share));
    let max = units::duration(times.max());
    let all = count(measurement.samples as f64);
    let summary = format!(
        "Scheduling latency: p95 {} (target below {}), p50 {}, max {max}, {all} probes",
        show(0.95),
        units::duration(measurement.target),
        show(0.5)
    );
    let worse = Some(Worse::Higher);
    let p50 = format!("Scheduling latency: p50 {}", show(0.5));
    let limit = params.within;
    let lost = match missed {
        0 => Finding::new(
            "missed",
            SYSTEM,
            Status::Ok,
            format!("Missed probes: none, all started within {limit}"),
        ),
        n => {
            let summary = format!("Missed probes: {n} of {all} did not start within {limit}");
            Finding::new("missed", SYSTEM, Status::Crit, summary)
        }
    };
    let lost = Finding { value: Some(missed as f64), unit: Some("probes".to_owned()), ..lost };
    vec![
        measurement.judged("p95", times.at(0.95), summary, "ordctl queue status"),
        measurement.time("p50", times.at(0.5), worse, p50),
        measurement.time("max", times.max(), None, format!("Scheduling latency: max {max}")),
        lost.hint("`ordctl queue status` and `ordctl scale status`"),
    ]
}
