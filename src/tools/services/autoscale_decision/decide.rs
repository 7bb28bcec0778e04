//! Decides whether to change the number of a service's containers now: a pure function of an observation.
//!
//! The direction comes from [`advise`]. This module limits it: by minimum and maximum, free memory of the machine,
//! cool-down since the last change, and unknown values.

use serde::Serialize;

use crate::base::settings::Auto;
use crate::base::units::{Span, bytes, count, duration};
use crate::model::Status;
use crate::tools::services::last_change::ScaleChange;
use crate::tools::services::worker_recommendation::advice::{Action, Advice, Limits, Load, advise};

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Machine {
    /// Total memory in bytes.
    pub(crate) memory: f64,
    /// Used memory in bytes.
    pub(crate) used: f64,
    /// One-minute load average per processor.
    pub(crate) load: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Observation {
    pub(crate) service: String,
    /// Running containers.
    pub(crate) running: u32,
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// Who set the engine on hold and why, if it is on hold.
    pub(crate) hold: Option<String>,
    /// Due items that no worker can claim.
    pub(crate) parked: f64,
    /// Load, with utilization over `up_after`.
    pub(crate) now: Load,
    /// Load, with utilization over `down_after`.
    pub(crate) period: Load,
    /// Longest wait, in seconds, of the runs started within `down_after`.
    pub(crate) longest_wait: f64,
    /// None if containers run on another machine.
    pub(crate) machine: Option<Machine>,
    /// Containers on other nodes of the swarm.
    pub(crate) elsewhere: usize,
    /// Memory of the largest container in bytes.
    pub(crate) container_memory: Option<f64>,
    /// Average memory usage relative to the limit, in %; none without limits.
    pub(crate) memory_percent: Option<f64>,
    pub(crate) last_change: Option<ScaleChange>,
    /// Values that could not be read, each with its cause. They prevent scaling down.
    pub(crate) unknown: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    Up,
    Down,
    Stay,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Decision {
    pub(crate) direction: Direction,
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) reasons: Vec<String>,
    /// Warning if more are needed but not possible, or if values are unknown.
    pub(crate) status: Status,
}

enum Verdict {
    ScaleTo(u32),
    /// No change is needed, or not yet.
    Stay(Option<String>),
    /// More are needed, but a limit prevents it.
    Blocked(String),
}

pub(crate) fn decide(observed: &Observation, auto: &Auto) -> Decision {
    let mut reasons = Vec::new();
    let verdict = verdict(observed, auto, &mut reasons);
    let from = observed.running;
    let base_status = if observed.unknown.is_empty() { Status::Ok } else { Status::Warn };
    let (to, why, status) = match verdict {
        Verdict::ScaleTo(to) => (to, None, base_status),
        Verdict::Stay(why) => (from, why, base_status),
        Verdict::Blocked(why) => (from, Some(why), Status::Warn),
    };
    reasons.extend(why);
    reasons.extend(observed.unknown.iter().map(|what| format!("unknown: {what}")));
    let direction = match to.cmp(&from) {
        std::cmp::Ordering::Greater => Direction::Up,
        std::cmp::Ordering::Less => Direction::Down,
        std::cmp::Ordering::Equal => Direction::Stay,
    };
    Decision { direction, from, to, reasons, status }
}

fn verdict(observed: &Observation, auto: &Auto, reasons: &mut Vec<String>) -> Verdict {
    let Observation { running, min, max, .. } = *observed;
    if let Some(hold) = &observed.hold {
        return Verdict::Stay(Some(format!("the engine is {hold}")));
    }
    // No cool-down applies below the minimum.
    if running < min {
        reasons.push(format!("{running} running, minimum {min}"));
        return Verdict::ScaleTo(min);
    }
    if running > max {
        reasons.push(format!("{running} running, maximum {max}"));
        return down(observed, auto, max);
    }
    let advice = advise(&observed.now, &limits(observed, auto));
    reasons.extend(advice.reasons.iter().cloned());
    if observed.parked >= 1.0 {
        let parked = count(observed.parked);
        reasons.push(format!("{parked} more wait for a concurrency key or a paused task"));
    }
    if observed.elsewhere > 0 {
        let elsewhere = observed.elsewhere;
        reasons
            .push(format!("CPU and memory ignored: {elsewhere} of {running} containers run on other nodes"));
    }
    match advice.action {
        Action::Start if observed.now.due < 1.0 => Verdict::Stay(None),
        Action::Start | Action::Up => up(observed, auto, advice.workers),
        Action::Down => consider_down(observed, auto, &advice),
        Action::Look => Verdict::Blocked("no change: work waits although workers are idle".to_owned()),
        Action::Keep => Verdict::Stay(None),
    }
}

/// The thresholds of the policy, as [`advise`] takes them.
fn limits(observed: &Observation, auto: &Auto) -> Limits {
    Limits {
        due_high: f64::INFINITY,
        few: 0,
        due_each: Some(auto.up_queue),
        oldest_high: Some(auto.up_wait.as_secs_f64()),
        due_low: auto.down_queue * f64::from(observed.running),
        keep: 1,
        busy_high: auto.up_busy / 100.0,
        busy_low: auto.down_busy / 100.0,
        cpu_high: Some(auto.up_cpu),
        // The usage of containers on other nodes is not available.
        cpu_low: (observed.elsewhere == 0).then_some(auto.down_cpu),
        // `up` checks the memory of the machine.
        memory_high: f64::INFINITY,
    }
}

fn up(observed: &Observation, auto: &Auto, target: u32) -> Verdict {
    let Observation { running, max, .. } = *observed;
    if running >= max {
        return Verdict::Blocked(format!("more are needed, but the maximum is {max}"));
    }
    if let Some(why) = too_soon(observed, auto.cool_down_up, "cool_down_up") {
        return Verdict::Stay(Some(format!("more are needed, but {why}")));
    }
    let to = target.min(running.saturating_add(auto.step_up)).min(max);
    let Some(machine) = &observed.machine else { return Verdict::ScaleTo(to) };
    if let Some(load) = machine.load.filter(|load| *load >= auto.load_max) {
        return Verdict::Blocked(format!(
            "more are needed, but the load of this machine is {load:.1} per processor (load_max {})",
            auto.load_max
        ));
    }
    // Without a known memory usage, add one at a time.
    let (each, more) = match observed.container_memory {
        Some(each) => (each, to - running),
        None => (0.0, 1),
    };
    match containers_that_fit(machine, each, auto.memory_max, more) {
        0 => Verdict::Blocked(format!(
            "more are needed, but another would exceed {} % of this machine's memory ({} of {} used)",
            auto.memory_max,
            bytes(machine.used),
            bytes(machine.memory)
        )),
        fitting => Verdict::ScaleTo(running + fitting),
    }
}

/// How many more containers, up to `wanted`, fit into the machine's memory.
fn containers_that_fit(machine: &Machine, each: f64, max_percent: f64, wanted: u32) -> u32 {
    let limit = machine.memory * max_percent / 100.0;
    let fits = |n: &u32| machine.used + f64::from(*n) * each < limit;
    (1..=wanted).take_while(fits).count().try_into().unwrap_or(wanted)
}

/// Fewer would be enough now; checks that they would have been enough over `down_after`.
fn consider_down(observed: &Observation, auto: &Auto, now: &Advice) -> Verdict {
    let over_period = advise(&observed.period, &limits(observed, auto));
    let stay = |why: String| Verdict::Stay(Some(format!("fewer would be enough, but {why}")));
    let over = auto.down_after;
    if over_period.action != Action::Down {
        return stay(match observed.period.utilization {
            Some(share) => format!("utilization was {:.0} % over the last {over}", 100.0 * share),
            None => format!("utilization over the last {over} is unknown"),
        });
    }
    if observed.longest_wait >= auto.up_wait.as_secs_f64() {
        let wait = duration(observed.longest_wait);
        return stay(format!("a run in the last {over} waited {wait}"));
    }
    down(observed, auto, now.workers.max(over_period.workers))
}

fn down(observed: &Observation, auto: &Auto, target: u32) -> Verdict {
    let stay = |why: String| Verdict::Stay(Some(format!("fewer would be enough, but {why}")));
    if !observed.unknown.is_empty() {
        return stay("some values are unknown".to_owned());
    }
    if let Some(why) = too_soon(observed, auto.cool_down_down, "cool_down_down") {
        return stay(why);
    }
    let to = target
        .max(observed.running.saturating_sub(auto.step_down))
        .max(observed.min)
        .max(1)
        .min(observed.running);
    // The remaining containers take over the work. Above the maximum the limits do not apply.
    let factor = f64::from(observed.running) / f64::from(to);
    if observed.running <= observed.max {
        let each = [
            ("utilization", observed.period.utilization.map(|share| 100.0 * share * factor), auto.up_busy),
            ("CPU usage", observed.now.cpu.map(|cpu| cpu * factor), auto.up_cpu),
            ("memory usage", observed.memory_percent.map(|percent| percent * factor), auto.memory_max),
        ];
        for (what, percent, limit) in each {
            if let Some(percent) = percent.filter(|percent| *percent >= limit) {
                return stay(format!("{to} would have a {what} of {percent:.0} % (limit {limit} %)"));
            }
        }
    }
    Verdict::ScaleTo(to)
}

/// Why the cool-down since the last change has not passed, if so.
fn too_soon(observed: &Observation, cool_down: Span, key: &str) -> Option<String> {
    let last = observed.last_change.as_ref()?;
    let left = cool_down.as_secs_f64() - last.seconds_ago;
    (left > 0.0).then(|| {
        let (ago, left) = (duration(last.seconds_ago), duration(left.max(1.0).round()));
        format!("the last change was {ago} ago ({}); {left} of {key} left", last.by)
    })
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
