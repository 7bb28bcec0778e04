//! What to do about the number of workers: a pure function of how the system is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units::count;

/// Busy workers are given so many colleagues that this share of their time is busy.
const AIM: f64 = 0.6;

/// How the system is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Load {
    /// Items whose time has come and that nobody works on.
    pub due: f64,
    /// Active workers.
    pub workers: u32,
    /// The share of the last hour that these were busy, from 0 to 1; none when it is not known.
    pub busy: Option<f64>,
    /// Memory that is not available, in %; none when it is not known.
    pub memory: Option<f64>,
    /// Workers there must be at least.
    pub min: u32,
}

/// Where it becomes too much, and where too little.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// More due items than this with few workers ask for more workers.
    pub due_high: f64,
    /// Fewer workers than this are few.
    pub few: u32,
    /// Fewer due items than this may mean that there are too many workers.
    pub due_low: f64,
    /// Never fewer workers than this.
    pub keep: u32,
    /// From this busy share on, more workers are needed.
    pub busy_high: f64,
    /// Below this busy share workers are idle.
    pub busy_low: f64,
    /// From this share of memory on (%), this machine bears no more workers.
    pub memory_high: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            due_high: 1000.0,
            few: 5,
            due_low: 10.0,
            keep: 2,
            busy_high: 0.8,
            busy_low: 0.3,
            memory_high: 90.0,
        }
    }
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
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
pub struct Advice {
    /// What to do.
    pub action: Action,
    /// How many workers there should be.
    pub workers: u32,
    /// Why.
    pub reasons: Vec<String>,
}

/// One recommendation, with its reasons.
pub fn advise(load: &Load, limits: &Limits) -> Advice {
    let due = format!("{} items are due", count(load.due));
    let busy = load.busy.map_or_else(
        || "how busy the workers are is not known".to_owned(),
        |share| format!("the workers were busy for {:.0} % of the last hour", 100.0 * share),
    );
    let mut reasons = vec![format!("{} workers are active", load.workers), due, busy];
    let (action, workers) = decide(load, limits);
    match action {
        Action::Start => reasons.truncate(2),
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
        Action::Down | Action::Keep => {}
    }
    Advice { action, workers, reasons }
}

fn decide(load: &Load, limits: &Limits) -> (Action, u32) {
    let is_busy = load.busy.is_some_and(|share| share >= limits.busy_high);
    let is_idle = load.busy.is_some_and(|share| share < limits.busy_low);
    let much = load.due > limits.due_high;
    let floor = load.min.max(limits.keep);
    if load.workers == 0 {
        return (Action::Start, load.min.max(1));
    }
    if is_busy || (much && load.workers < limits.few) {
        return (Action::Up, fitting(load).clamp(load.workers + 1, load.workers.saturating_mul(2).max(2)));
    }
    if much && is_idle {
        return (Action::Look, load.workers);
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
        Load { due, workers, busy, memory: None, min: 1 }
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
