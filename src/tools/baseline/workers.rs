//! `measure.workers`: the capacity of the workers in runs per minute, and the demand.
//!
//! Capacity = slots × 60 s ÷ mean run time, with the slots of all live workers and the runs that ended within
//! the last hour. It is an upper bound for similar work: claiming and recording are not part of a run's time. The
//! busiest minute is what the workers have achieved. The demand (runs started) says nothing about capacity: an
//! idle system starts few runs.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::units;
use crate::base::units::count;
use crate::clients::postgres::SYSTEM;
use crate::model::{Figure, Finding, Status, Threshold, Worse};
use crate::store::workers::WorkerCapacity;
use crate::tools::baseline::NOISE;
use crate::tools::{Output, Tool, ToolContext, ToolError};

const UNIT: &str = "runs/min";
/// Minimum duration of a run in seconds: the resolution of its timestamps.
const SHORTEST: f64 = 1e-6;

pub(crate) struct Workers;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Minimum capacity in runs per minute; default: `baseline.tasks_per_minute`.
    #[serde(default)]
    pub(crate) target: Option<f64>,
}

impl Tool for Workers {
    type Params = Params;
    type Result = WorkerCapacity;

    const NAME: &'static str = "measure.workers";
    const HELP: &'static str = "Report the capacity of the workers in runs per minute, and the demand";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<WorkerCapacity>, ToolError> {
        let target = params.target.unwrap_or(ctx.settings.baseline.tasks_per_minute);
        let asked = match ctx.store() {
            Ok(store) => store.worker_capacity().await,
            Err(e) => Err(e.into()),
        };
        let (findings, hour) = match asked {
            Ok(hour) => (judge(&hour, target, ctx.settings.baseline.min_samples), hour),
            Err(e) if e.is_not_migrated() => {
                let summary = "Worker capacity: unknown, requires `ordctl migrate`";
                (vec![Finding::new("capacity", SYSTEM, Status::Skipped, summary)], WorkerCapacity::default())
            }
            Err(e) => {
                let e = ToolError::from(e);
                let status = if e.is_not_configured() { Status::Skipped } else { Status::Unknown };
                let finding = Finding::new("capacity", SYSTEM, status, format!("Worker capacity: {e}"));
                (vec![finding.hint("ordctl doctor")], WorkerCapacity::default())
            }
        };
        Ok(Output::new(findings, hour))
    }
}

fn judge(hour: &WorkerCapacity, target: f64, least: u64) -> Vec<Finding> {
    let capacity = capacity(hour, target, least).hint("ordctl scale status");
    let begun = hour.begun as f64 / 60.0;
    let demand = format!(
        "Demand: average {begun:.1} {UNIT}, max {} {UNIT} in the last hour",
        count(hour.busiest_minute as f64)
    );
    let demand = Finding::measured("demand", SYSTEM, demand, begun, Some(UNIT), Threshold::NONE);
    vec![capacity, figure("demand", begun, None, None, hour).into_finding(demand)]
}

fn capacity(hour: &WorkerCapacity, target: f64, least: u64) -> Finding {
    let threshold = Threshold { warn: None, crit: Some(target), worse: Worse::Lower };
    if hour.slots == 0 {
        let summary = "Worker capacity: none, no worker heartbeat in the last 2m";
        return Finding::measured("capacity", SYSTEM, summary, 0.0, Some(UNIT), threshold);
    }
    if hour.runs < least {
        let summary = format!(
            "Worker capacity: no verdict, {} runs in the last hour, {least} required; {} workers with {} slots",
            hour.runs,
            count(hour.workers as f64),
            count(hour.slots as f64)
        );
        return Finding::new("capacity", SYSTEM, Status::Skipped, summary);
    }
    let mean = (hour.busy_seconds / hour.runs as f64).max(SHORTEST);
    let value = hour.slots as f64 * 60.0 / mean;
    let summary = format!(
        "Worker capacity: {} {UNIT} (target above {}) = {} slots of {} workers × 60 s ÷ {} mean run time ({} runs in the last hour)",
        count(value.round()),
        count(target),
        count(hour.slots as f64),
        count(hour.workers as f64),
        units::duration(mean),
        count(hour.runs as f64)
    );
    let finding = Finding::measured("capacity", SYSTEM, summary, value, Some(UNIT), threshold);
    figure("capacity", value, Some(Worse::Lower), Some(target), hour).into_finding(finding)
}

fn figure(
    name: &str,
    value: f64,
    worse: Option<Worse>,
    target: Option<f64>,
    hour: &WorkerCapacity,
) -> Figure {
    Figure {
        title: name.to_owned(),
        value,
        unit: UNIT.to_owned(),
        worse,
        target,
        noise: NOISE * target.unwrap_or_default(),
        samples: hour.runs,
        conditions: json!({ "of": "the last hour" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(runs: u64) -> WorkerCapacity {
        let busy_seconds = runs as f64 * 3.0;
        WorkerCapacity { workers: 2, slots: 10, runs, busy_seconds, busiest_minute: 7, begun: 120 }
    }

    #[test]
    fn capacity_is_slots_divided_by_mean_run_time() {
        let found = judge(&hour(60), 100.0, 50);
        assert_eq!((found[0].value, found[0].status), (Some(200.0), Status::Ok));
        assert_eq!(found[1].value, Some(2.0), "demand is not capacity");
        assert_eq!(judge(&hour(60), 200.0, 50)[0].status, Status::Crit, "the target itself is a miss");
        assert_eq!(judge(&hour(49), 100.0, 50)[0].status, Status::Skipped);
        let none = WorkerCapacity { slots: 0, ..hour(60) };
        assert_eq!(judge(&none, 100.0, 50)[0].status, Status::Crit);
        let instant = WorkerCapacity { busy_seconds: 0.0, ..hour(60) };
        assert_eq!(judge(&instant, 100.0, 50)[0].status, Status::Ok);
    }
}
