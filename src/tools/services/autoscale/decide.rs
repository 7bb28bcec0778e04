//! Whether the number of a service's containers is to change now: a pure function of what was seen. What
//! the load asks for comes from the advice that everybody gets; here is what keeps it from being
//! followed at once, or at all: limits, room on the machine, how long it has held, how long ago the last
//! change was, and what is not known.

use serde::Serialize;

use crate::base::settings::Auto;
use crate::base::units::{Span, bytes, count, duration};
use crate::model::Status;
use crate::tools::services::last_change::Change;
use crate::tools::services::scaling::advice::{Action, Advice, Limits, Load, advise};

/// The machine that the containers run on.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Machine {
    /// Bytes of memory.
    pub(crate) memory: f64,
    /// Bytes that are not available.
    pub(crate) used: f64,
    /// Processes that run or want to, for each processor, over a minute.
    pub(crate) load: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Seen {
    pub(crate) service: String,
    /// How many of its containers run.
    pub(crate) running: u32,
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// Who holds the engine, and why, if somebody does.
    pub(crate) held: Option<String>,
    /// Items whose time has come and that no worker may take.
    pub(crate) parked: f64,
    /// The load, with "busy" over `up_after`.
    pub(crate) now: Load,
    /// The load, with "busy" over `down_after`.
    pub(crate) period: Load,
    /// How many seconds the runs that began within `down_after` had waited at most.
    pub(crate) waited: f64,
    /// The machine; none where it is another one, or not the only one.
    pub(crate) machine: Option<Machine>,
    /// How many of the containers run on other nodes of a swarm.
    pub(crate) elsewhere: usize,
    /// Bytes that the largest of the containers has.
    pub(crate) container_memory: Option<f64>,
    /// What they have on average of the memory that each may have, in %; none where none is limited.
    pub(crate) container_share: Option<f64>,
    /// The last change of their number.
    pub(crate) last: Option<Change>,
    /// What could not be learned, each with its cause: reason enough to take nothing away.
    pub(crate) unknown: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Way {
    Up,
    Down,
    Stay,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Decision {
    pub(crate) way: Way,
    pub(crate) from: u32,
    /// How many there are to be.
    pub(crate) to: u32,
    /// Why, also of a decision to stay.
    pub(crate) reasons: Vec<String>,
    /// A warning where more are needed and cannot be had, or where something is not known.
    pub(crate) status: Status,
}

/// What is to be done, or what keeps it from being done.
enum Verdict {
    /// So many are to run.
    Go(u32),
    /// Nothing needs to be done, or not yet.
    Stay(Option<String>),
    /// Something has to be done, by somebody else.
    BlockedUpdate(String),
}

pub(crate) fn decide(seen: &Seen, auto: &Auto) -> Decision {
    let mut reasons = Vec::new();
    let verdict = weigh(seen, auto, &mut reasons);
    let from = seen.running;
    let known = if seen.unknown.is_empty() { Status::Ok } else { Status::Warn };
    let (to, why, status) = match verdict {
        Verdict::Go(to) => (to, None, known),
        Verdict::Stay(why) => (from, why, known),
        Verdict::BlockedUpdate(why) => (from, Some(why), Status::Warn),
    };
    reasons.extend(why);
    reasons.extend(seen.unknown.iter().map(|what| format!("not known: {what}")));
    let way = match to.cmp(&from) {
        std::cmp::Ordering::Greater => Way::Up,
        std::cmp::Ordering::Less => Way::Down,
        std::cmp::Ordering::Equal => Way::Stay,
    };
    Decision { way, from, to, reasons, status }
}

fn weigh(seen: &Seen, auto: &Auto, reasons: &mut Vec<String>) -> Verdict {
    let Seen { running, min, max, .. } = *seen;
    if let Some(held) = &seen.held {
        return Verdict::Stay(Some(format!("the engine is held by {held}")));
    }
    // The minimum waits for nothing: below it the system is not what it is meant to be.
    if running < min {
        reasons.push(format!("{running} run, and {min} must"));
        return Verdict::Go(min);
    }
    if running > max {
        reasons.push(format!("{running} run, and {max} may"));
        return down(seen, auto, max);
    }
    let advice = advise(&seen.now, &limits(seen, auto));
    reasons.extend(advice.reasons.iter().cloned());
    if seen.parked >= 1.0 {
        let parked = count(seen.parked);
        reasons
            .push(format!("{parked} more wait for their key or their paused task: no worker may take them"));
    }
    if seen.elsewhere > 0 {
        let elsewhere = seen.elsewhere;
        reasons.push(format!("what they use plays no part: {elsewhere} of {running} run on other nodes"));
    }
    match advice.action {
        Action::Start if seen.now.due < 1.0 => Verdict::Stay(None),
        Action::Start | Action::Up => up(seen, auto, advice.workers),
        Action::Down => fewer(seen, auto, &advice),
        // The advice says what there is to be looked at.
        Action::Look => Verdict::BlockedUpdate("so there are to be as many".to_owned()),
        Action::Keep => Verdict::Stay(None),
    }
}

/// The thresholds in the words of the advice.
fn limits(seen: &Seen, auto: &Auto) -> Limits {
    Limits {
        due_high: f64::INFINITY,
        few: 0,
        due_each: Some(auto.up_queue),
        oldest_high: Some(auto.up_wait.as_secs_f64()),
        due_low: auto.down_queue * f64::from(seen.running),
        keep: 1,
        busy_high: auto.up_busy / 100.0,
        busy_low: auto.down_busy / 100.0,
        cpu_high: Some(auto.up_cpu),
        // What other nodes' containers use cannot be asked for.
        cpu_low: (seen.elsewhere == 0).then_some(auto.down_cpu),
        // What this machine bears is asked for the very step.
        memory_high: f64::INFINITY,
    }
}

fn up(seen: &Seen, auto: &Auto, wanted: u32) -> Verdict {
    let Seen { running, max, .. } = *seen;
    if running >= max {
        return Verdict::BlockedUpdate(format!("more are needed, but only {max} may run (max)"));
    }
    if let Some(why) = too_soon(seen, auto.cool_down_up, "cool_down_up") {
        return Verdict::Stay(Some(format!("more are needed, but {why}")));
    }
    let to = wanted.min(running.saturating_add(auto.step_up)).min(max);
    let Some(machine) = &seen.machine else { return Verdict::Go(to) };
    if let Some(load) = machine.load.filter(|load| *load >= auto.load_max) {
        return Verdict::BlockedUpdate(format!(
            "more are needed, but {load:.1} processes wait for each processor of this machine (load_max {})",
            auto.load_max
        ));
    }
    // Not knowing what one takes, one at a time is tried.
    let (each, more) = match seen.container_memory {
        Some(each) => (each, to - running),
        None => (0.0, 1),
    };
    match room(machine, each, auto.memory_max, more) {
        0 => Verdict::BlockedUpdate(format!(
            "more are needed, but another would take more than {} % of this machine's memory ({} of {} are in use)",
            auto.memory_max,
            bytes(machine.used),
            bytes(machine.memory)
        )),
        some => Verdict::Go(running + some),
    }
}

/// How many more, up to `wanted`, the machine's memory has room for.
fn room(machine: &Machine, each: f64, max_percent: f64, wanted: u32) -> u32 {
    let limit = machine.memory * max_percent / 100.0;
    let fits = |n: &u32| machine.used + f64::from(*n) * each < limit;
    (1..=wanted).take_while(fits).count().try_into().unwrap_or(wanted)
}

/// Fewer would do now: would they have done all the time?
fn fewer(seen: &Seen, auto: &Auto, now: &Advice) -> Verdict {
    let long = advise(&seen.period, &limits(seen, auto));
    let stay = |why: String| Verdict::Stay(Some(format!("fewer would do, but {why}")));
    let over = auto.down_after;
    if long.action != Action::Down {
        return stay(match seen.period.busy {
            Some(busy) => format!("they were busy for {:.0} % of the last {over}", 100.0 * busy),
            None => format!("how busy they were over the last {over} is not known"),
        });
    }
    if seen.waited >= auto.up_wait.as_secs_f64() {
        let waited = duration(seen.waited);
        return stay(format!("a run of the last {over} had waited for {waited}"));
    }
    down(seen, auto, now.workers.max(long.workers))
}

fn down(seen: &Seen, auto: &Auto, wanted: u32) -> Verdict {
    let stay = |why: String| Verdict::Stay(Some(format!("fewer would do, but {why}")));
    if !seen.unknown.is_empty() {
        return stay("not everything is known".to_owned());
    }
    if let Some(why) = too_soon(seen, auto.cool_down_down, "cool_down_down") {
        return stay(why);
    }
    let to = wanted.max(seen.running.saturating_sub(auto.step_down)).max(seen.min).max(1).min(seen.running);
    // What they do now is done by those who stay. Above the maximum that is no choice.
    let more = f64::from(seen.running) / f64::from(to);
    if seen.running <= seen.max {
        let each = [
            ("be busy for", seen.period.busy.map(|share| 100.0 * share * more), auto.up_busy),
            ("use", seen.now.cpu.map(|cpu| cpu * more), auto.up_cpu),
            ("need of their memory", seen.container_share.map(|share| share * more), auto.memory_max),
        ];
        for (what, percent, limit) in each {
            if let Some(percent) = percent.filter(|percent| *percent >= limit) {
                return stay(format!("{to} would {what} {percent:.0} % (up to {limit} is well)"));
            }
        }
    }
    Verdict::Go(to)
}

/// Whether the last change was so lately that none may follow.
fn too_soon(seen: &Seen, pause: Span, key: &str) -> Option<String> {
    let last = seen.last.as_ref()?;
    let left = pause.as_secs_f64() - last.seconds_ago;
    (left > 0.0).then(|| {
        let (ago, left) = (duration(last.seconds_ago), duration(left.max(1.0).round()));
        format!("their number was changed {ago} ago ({}): {left} of {key} are left", last.by)
    })
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
