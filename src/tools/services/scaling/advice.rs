//! What to do about the number of workers: a pure function of how the system is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units::{counted, duration};

/// Busy workers are given so many colleagues that this share of their time is busy.
const AIM: f64 = 0.6;

/// How the system is.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Load {
    /// Items whose time has come and that nobody works on.
    pub(crate) due: f64,
    /// For how long the oldest of them has waited, in seconds; none without any, or where it plays no part.
    pub(crate) oldest: Option<f64>,
    /// Active workers.
    pub(crate) workers: u32,
    /// The share of their time that these were busy, from 0 to 1; none when it is not known.
    pub(crate) busy: Option<f64>,
    /// Over so many seconds.
    pub(crate) over: f64,
    /// What a worker uses on average, in % of one processor; none when it is not known or plays no part.
    pub(crate) cpu: Option<f64>,
    /// Memory that is not available, in %; none when it is not known.
    pub(crate) memory: Option<f64>,
    /// Workers there must be at least.
    pub(crate) min: u32,
}

/// Where it becomes too much, and where too little.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// More due items than this with few workers ask for more workers.
    pub(crate) due_high: f64,
    /// Fewer workers than this are few.
    pub(crate) few: u32,
    /// More due items than this for each worker ask for more workers, unless they are idle.
    pub(crate) due_each: Option<f64>,
    /// So does an item that has been due for so many seconds.
    pub(crate) oldest_high: Option<f64>,
    /// Fewer due items than this may mean that there are too many workers.
    pub(crate) due_low: f64,
    /// Never fewer workers than this.
    pub(crate) keep: u32,
    /// From this busy share on, more workers are needed.
    pub(crate) busy_high: f64,
    /// Below this busy share workers are idle.
    pub(crate) busy_low: f64,
    /// From this use of one processor on (%), more workers are needed.
    pub(crate) cpu_high: Option<f64>,
    /// Workers that use this much of a processor, or more, are not idle.
    pub(crate) cpu_low: Option<f64>,
    /// From this share of memory on (%), this machine bears no more workers.
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

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// Nobody works.
    Start,
    /// More workers.
    Up,
    /// Fewer workers.
    Down,
    /// More workers would not help.
    Look,
    /// Nothing.
    Keep,
}

/// The advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Advice {
    /// What to do.
    pub(crate) action: Action,
    /// How many workers there should be.
    pub(crate) workers: u32,
    pub(crate) reasons: Vec<String>,
}

/// One recommendation, with its reasons.
pub(crate) fn advise(load: &Load, limits: &Limits) -> Advice {
    let due = format!("{} due", counted(load.due, "item"));
    let busy = load.busy.map_or_else(
        || "how busy the workers are is not known".to_owned(),
        |share| format!("the workers were busy for {:.0} % of the last {}", 100.0 * share, time(load.over)),
    );
    let oldest = load.oldest.map(|age| format!("the oldest for {}", duration(age)));
    let cpu = load.cpu.map(|cpu| format!("each uses {cpu:.0} % of a processor"));
    let (action, workers) = decide(load, limits);
    let mut reasons = vec![format!("{} active", counted(load.workers.into(), "worker")), due];
    reasons.extend(oldest);
    if action != Action::Start {
        reasons.push(busy);
        reasons.extend(cpu);
    }
    match action {
        Action::Look => {
            reasons.push(
                "more workers would be as idle: a key that is taken, a task that is paused, a hold?"
                    .to_owned(),
            );
        }
        Action::Up => {
            if let Some(share) = load.memory.filter(|share| *share >= limits.memory_high) {
                reasons.push(format!("{share:.0} % of this machine's memory is taken: not on this machine"));
            }
        }
        Action::Start | Action::Down | Action::Keep => {}
    }
    Advice { action, workers, reasons }
}

/// `hour`, or `2m`.
fn time(seconds: f64) -> String {
    if seconds == 3600.0 { "hour".to_owned() } else { duration(seconds) }
}

fn decide(load: &Load, limits: &Limits) -> (Action, u32) {
    let burns = limits.cpu_high.is_some_and(|high| load.cpu.is_some_and(|cpu| cpu >= high));
    let is_cool = limits.cpu_low.is_none_or(|low| load.cpu.is_some_and(|cpu| cpu < low));
    let is_busy = burns || load.busy.is_some_and(|share| share >= limits.busy_high);
    let is_idle = is_cool && load.busy.is_some_and(|share| share < limits.busy_low);
    let much = load.due > limits.due_high;
    let piles_up = limits.due_each.is_some_and(|each| load.due > each * f64::from(load.workers));
    let is_old = limits.oldest_high.is_some_and(|high| load.oldest.is_some_and(|age| age >= high));
    let presses = load.due > 0.0 && (piles_up || is_old);
    let floor = load.min.max(limits.keep);
    if load.workers == 0 {
        return (Action::Start, load.min.max(1));
    }
    let up = || fitting(load).clamp(load.workers + 1, load.workers.saturating_mul(2).max(2));
    if is_busy || (much && load.workers < limits.few) {
        return (Action::Up, up());
    }
    if (much || presses) && is_idle {
        return (Action::Look, load.workers);
    }
    if presses {
        return (Action::Up, up());
    }
    // Few due items mean nothing by themselves: busy workers are why there are few.
    if load.due < limits.due_low && load.workers > floor && is_idle {
        return (Action::Down, fitting(load).clamp(floor, load.workers - 1));
    }
    (Action::Keep, load.workers)
}

/// How many workers would be busy for the share that is aimed at.
fn fitting(load: &Load) -> u32 {
    let needed = f64::from(load.workers) * load.busy.unwrap_or(1.0) / AIM;
    // A number of workers, and never negative.
    needed.ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn load(due: f64, workers: u32, busy: Option<f64>) -> Load {
        Load { due, oldest: None, workers, busy, over: 3600.0, cpu: None, memory: None, min: 1 }
    }

    #[test]
    fn the_table() {
        use Action::{Down, Keep, Look, Start, Up};
        for (due, workers, busy, wanted) in [
            // As the script says.
            (1001.0, 4, Some(0.5), (Up, 5)),
            (1000.0, 4, Some(0.5), (Keep, 4)),
            (1001.0, 5, Some(0.5), (Keep, 5)),
            (9.0, 3, Some(0.1), (Down, 2)),
            (10.0, 3, Some(0.1), (Keep, 3)),
            (9.0, 2, Some(0.1), (Keep, 2)),
            // What it does not see: few items are due because the workers keep up.
            (0.0, 6, Some(0.95), (Up, 10)),
            (0.0, 6, Some(0.5), (Keep, 6)),
            (5000.0, 8, Some(0.9), (Up, 12)),
            // And that a queue may wait for something else than workers.
            (5000.0, 8, Some(0.05), (Look, 8)),
            // Nobody works.
            (0.0, 0, None, (Start, 1)),
            (5000.0, 0, None, (Start, 1)),
            // Not known is not idle.
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
    fn the_minimum_is_kept_and_a_full_machine_is_named() {
        let few = Load { min: 4, ..load(0.0, 6, Some(0.0)) };
        assert_eq!(advise(&few, &Limits::default()).workers, 4);
        let full = Load { memory: Some(95.0), ..load(2000.0, 2, Some(0.9)) };
        let advice = advise(&full, &Limits::default());
        assert!(advice.reasons.iter().any(|r| r.contains("not on this machine")), "{advice:?}");
        let none = Load { min: 3, ..load(0.0, 0, None) };
        assert_eq!(advise(&none, &Limits::default()).workers, 3);
    }

    proptest! {
        #[test]
        fn the_number_fits_the_word(
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
