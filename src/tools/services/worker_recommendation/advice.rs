//! Recommends a number of workers: a pure function of the load.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units::{counted, duration};

/// The utilization that a recommended number of workers should have.
const TARGET_UTILIZATION: f64 = 0.6;

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Load {
    /// Due items that no worker has claimed.
    pub(crate) due: f64,
    /// Seconds that the oldest of them has waited; none if there is none or it is not considered.
    pub(crate) oldest: Option<f64>,
    /// Active workers.
    pub(crate) workers: u32,
    /// From 0 to 1; none if unknown.
    pub(crate) utilization: Option<f64>,
    /// The period of `utilization`, in seconds.
    pub(crate) period: f64,
    /// Average CPU usage of a worker, in % of one processor; none if unknown or not considered.
    pub(crate) cpu: Option<f64>,
    /// Used memory of this machine, in %; none if unknown.
    pub(crate) memory: Option<f64>,
    /// Minimum number of workers.
    pub(crate) min: u32,
}

/// Thresholds of the recommendation.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// With more due items than this and fewer than `few` workers, recommend more workers.
    pub(crate) due_high: f64,
    /// See `due_high`.
    pub(crate) few: u32,
    /// With more due items per worker than this, recommend more workers, unless workers are idle.
    pub(crate) due_each: Option<f64>,
    /// With an item due for this many seconds, recommend more workers, unless workers are idle.
    pub(crate) oldest_high: Option<f64>,
    /// With fewer due items than this, idle workers may be removed.
    pub(crate) due_low: f64,
    /// Never recommend fewer workers than this.
    pub(crate) keep: u32,
    /// From this utilization (0 to 1), recommend more workers.
    pub(crate) busy_high: f64,
    /// Below this utilization (0 to 1), workers are idle.
    pub(crate) busy_low: f64,
    /// From this CPU usage per worker (% of one processor), recommend more workers.
    pub(crate) cpu_high: Option<f64>,
    /// From this CPU usage per worker (% of one processor), workers are not idle.
    pub(crate) cpu_low: Option<f64>,
    /// From this memory usage (%), add workers on another machine.
    pub(crate) memory_high: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            due_high: 1000.0,
            few: 5,
            due_each: None,
            oldest_high: None,
            due_low: 10.0,
            keep: 2,
            busy_high: 0.8,
            busy_low: 0.3,
            cpu_high: None,
            cpu_low: None,
            memory_high: 90.0,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// No worker is active.
    Start,
    Up,
    Down,
    /// Work waits although workers are idle: find out why.
    Look,
    Keep,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Advice {
    pub(crate) action: Action,
    /// The recommended number.
    pub(crate) workers: u32,
    pub(crate) reasons: Vec<String>,
}

pub(crate) fn advise(load: &Load, limits: &Limits) -> Advice {
    let due = format!("{} due", counted(load.due, "item"));
    let utilization = load.utilization.map_or_else(
        || "utilization unknown".to_owned(),
        |share| format!("utilization {:.0} % over the last {}", 100.0 * share, period(load.period)),
    );
    let oldest = load.oldest.map(|age| format!("oldest due for {}", duration(age)));
    let cpu = load.cpu.map(|cpu| format!("CPU {cpu:.0} % per worker"));
    let (action, workers) = decide(load, limits);
    let mut reasons = vec![format!("{} active", counted(load.workers.into(), "worker")), due];
    reasons.extend(oldest);
    if action != Action::Start {
        reasons.push(utilization);
        reasons.extend(cpu);
    }
    match action {
        Action::Look => {
            reasons.push(
                "more workers would stay idle; check concurrency keys, paused tasks and holds".to_owned(),
            );
        }
        Action::Up => {
            if let Some(share) = load.memory.filter(|share| *share >= limits.memory_high) {
                reasons.push(format!(
                    "memory of this machine {share:.0} % used: add workers on another machine"
                ));
            }
        }
        Action::Start | Action::Down | Action::Keep => {}
    }
    Advice { action, workers, reasons }
}

/// `hour`, or `2m`.
fn period(seconds: f64) -> String {
    if seconds == 3600.0 { "hour".to_owned() } else { duration(seconds) }
}

fn decide(load: &Load, limits: &Limits) -> (Action, u32) {
    let is_cpu_high = limits.cpu_high.is_some_and(|high| load.cpu.is_some_and(|cpu| cpu >= high));
    let is_cpu_low = limits.cpu_low.is_none_or(|low| load.cpu.is_some_and(|cpu| cpu < low));
    let is_busy = is_cpu_high || load.utilization.is_some_and(|share| share >= limits.busy_high);
    let is_idle = is_cpu_low && load.utilization.is_some_and(|share| share < limits.busy_low);
    let is_queue_long = load.due > limits.due_high;
    let is_backlog_high = limits.due_each.is_some_and(|each| load.due > each * f64::from(load.workers));
    let is_old = limits.oldest_high.is_some_and(|high| load.oldest.is_some_and(|age| age >= high));
    let needs_workers = load.due > 0.0 && (is_backlog_high || is_old);
    let floor = load.min.max(limits.keep);
    if load.workers == 0 {
        return (Action::Start, load.min.max(1));
    }
    let up = || workers_for_target(load).clamp(load.workers + 1, load.workers.saturating_mul(2).max(2));
    if is_busy || (is_queue_long && load.workers < limits.few) {
        return (Action::Up, up());
    }
    if (is_queue_long || needs_workers) && is_idle {
        return (Action::Look, load.workers);
    }
    if needs_workers {
        return (Action::Up, up());
    }
    // A short queue alone proves nothing: busy workers keep it short.
    if load.due < limits.due_low && load.workers > floor && is_idle {
        return (Action::Down, workers_for_target(load).clamp(floor, load.workers - 1));
    }
    (Action::Keep, load.workers)
}

fn workers_for_target(load: &Load) -> u32 {
    let needed = f64::from(load.workers) * load.utilization.unwrap_or(1.0) / TARGET_UTILIZATION;
    needed.ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn load(due: f64, workers: u32, utilization: Option<f64>) -> Load {
        Load { due, oldest: None, workers, utilization, period: 3600.0, cpu: None, memory: None, min: 1 }
    }

    #[test]
    fn recommendation_follows_the_table() {
        use Action::{Down, Keep, Look, Start, Up};
        for (due, workers, busy, wanted) in [
            // Rules of the original script.
            (1001.0, 4, Some(0.5), (Up, 5)),
            (1000.0, 4, Some(0.5), (Keep, 4)),
            (1001.0, 5, Some(0.5), (Keep, 5)),
            (9.0, 3, Some(0.1), (Down, 2)),
            (10.0, 3, Some(0.1), (Keep, 3)),
            (9.0, 2, Some(0.1), (Keep, 2)),
            // Few items are due because busy workers keep up.
            (0.0, 6, Some(0.95), (Up, 10)),
            (0.0, 6, Some(0.5), (Keep, 6)),
            (5000.0, 8, Some(0.9), (Up, 12)),
            // A queue that does not wait for workers.
            (5000.0, 8, Some(0.05), (Look, 8)),
            // No active worker.
            (0.0, 0, None, (Start, 1)),
            (5000.0, 0, None, (Start, 1)),
            // Unknown utilization is not idle.
            (0.0, 6, None, (Keep, 6)),
            (5000.0, 3, None, (Up, 5)),
            (0.0, 10, Some(0.2), (Down, 4)),
            (0.0, 10, Some(0.0), (Down, 2)),
        ] {
            let advice = advise(&load(due, workers, busy), &Limits::default());
            assert_eq!((advice.action, advice.workers), wanted, "{due} {workers} {busy:?}");
            assert!(advice.reasons.len() >= 2);
        }
    }

    #[test]
    fn minimum_is_respected_and_a_full_machine_is_named() {
        let few = Load { min: 4, ..load(0.0, 6, Some(0.0)) };
        assert_eq!(advise(&few, &Limits::default()).workers, 4);
        let full = Load { memory: Some(95.0), ..load(2000.0, 2, Some(0.9)) };
        let advice = advise(&full, &Limits::default());
        assert!(advice.reasons.iter().any(|r| r.contains("on another machine")), "{advice:?}");
        let none = Load { min: 3, ..load(0.0, 0, None) };
        assert_eq!(advise(&none, &Limits::default()).workers, 3);
    }

    proptest! {
        #[test]
        fn number_matches_the_action(
            due in 0.0..1e6_f64, workers in 0_u32..500, busy in proptest::option::of(0.0..=1.0_f64), min in 0_u32..20,
        ) {
            let load = Load { min, ..load(due, workers, busy) };
            let advice = advise(&load, &Limits::default());
            match advice.action {
                Action::Start => prop_assert!(workers == 0 && advice.workers >= 1.max(min)),
                Action::Up => prop_assert!(advice.workers > workers && advice.workers <= 2 * workers.max(1)),
                Action::Down => prop_assert!(advice.workers < workers && advice.workers >= min.max(2)),
                Action::Look | Action::Keep => prop_assert_eq!(advice.workers, workers),
            }
        }
    }
}
