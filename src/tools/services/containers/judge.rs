//! What the state of a service's containers means.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::base::sanitize::ident;
use crate::base::units;
use crate::clients::http::first_words;
use crate::clients::platform;
use crate::clients::platform::{Health, HintCommands, InstanceDetails};
use crate::model::{Finding, Status, Threshold, Worse};

pub(crate) struct Group {
    pub(crate) service: String,
    /// How many containers must run.
    pub(crate) min: u32,
    /// Whether `services` in ordctl.yaml names it.
    pub(crate) configured: bool,
}

pub(crate) struct Rules<'a> {
    pub(crate) now: DateTime<Utc>,
    pub(crate) settle: Duration,
    pub(crate) loop_at: i64,
    pub(crate) commands: &'a dyn HintCommands,
}

/// Whether a container does its work: a paused or restarting one does not.
pub(crate) fn runs(container: &InstanceDetails) -> bool {
    container.state == "running"
}

/// A container's name, where it is not that of its service, which is said already.
fn subject(c: &InstanceDetails, group: &Group) -> String {
    if c.name == group.service { String::new() } else { format!("{} ", c.name) }
}

/// Something to say of one container.
struct Trouble {
    status: Status,
    text: String,
    hint: String,
}

/// The finding on one service.
pub(crate) fn judge(group: &Group, containers: &[InstanceDetails], rules: &Rules<'_>) -> Finding {
    let running = containers.iter().filter(|c| runs(c)).count();
    let short = running < usize::try_from(group.min).unwrap_or(usize::MAX);
    let mut troubles: Vec<Trouble> =
        containers.iter().filter_map(|c| trouble(c, group, short, rules)).collect();
    troubles.sort_by_key(|t| Status::ALL.iter().position(|s| *s == t.status));
    let count = match group.min {
        0 | 1 if containers.len() <= 1 => String::new(),
        0 | 1 => format!("{running} running"),
        min => format!("{running} of {min} running"),
    };
    let mut parts: Vec<String> = Some(count).filter(|c| !c.is_empty()).into_iter().collect();
    parts.extend(troubles.iter().map(|t| t.text.clone()));
    if containers.is_empty() {
        parts = vec![if group.min > 0 {
            "no container".to_owned()
        } else {
            "no container (optional)".to_owned()
        }];
    } else if troubles.is_empty() {
        parts.extend(well(containers, rules.now));
    }
    let limit = group.min.checked_sub(1).map(f64::from);
    let threshold = Threshold { warn: None, crit: limit, worse: Worse::Lower };
    #[expect(clippy::cast_precision_loss, reason = "nobody runs 2^52 containers")]
    let value = running as f64;
    let summary = format!("{}: {}", group.service, parts.join(", "));
    let id = ident(&group.service);
    let finding = Finding::measured(&id, platform::SYSTEM, summary, value, Some("containers"), threshold)
        .at_least(Status::worst(troubles.iter().map(|t| t.status)))
        .details(json!({ "containers": containers, "min": group.min }));
    match troubles.into_iter().next() {
        Some(worst) => finding.hint(worst.hint),
        None => finding.hint(rules.commands.list(Some(&group.service))),
    }
}

/// What is worth saying of a service that is well: its health, restarts of old, and how long
/// the youngest has run.
fn well(containers: &[InstanceDetails], now: DateTime<Utc>) -> Option<String> {
    let live: Vec<&InstanceDetails> = containers.iter().filter(|c| runs(c)).collect();
    if live.is_empty() {
        return Some("finished".to_owned());
    }
    let mut text = "up".to_owned();
    if let Some(at) = live.iter().filter_map(|c| c.started_at).max() {
        text += &format!(" {}", age(now, at));
    }
    if live.iter().all(|c| c.health == Some(Health::Healthy)) {
        text += ", healthy";
    }
    match live.iter().map(|c| c.restarts).sum::<i64>() {
        0 => {}
        1 => text += ", restarted once",
        n => text += &format!(", restarted {n} times"),
    }
    Some(text)
}

fn age(now: DateTime<Utc>, then: DateTime<Utc>) -> String {
    let seconds = (now - then).to_std().unwrap_or_default().as_secs();
    units::duration(std::time::Duration::from_secs(seconds).as_secs_f64())
}

fn trouble(c: &InstanceDetails, group: &Group, short: bool, rules: &Rules<'_>) -> Option<Trouble> {
    let name = &c.name;
    let who = subject(c, group);
    let logs = rules.commands.logs(name);
    let say = |status, text: String, hint: &str| Some(Trouble { status, text, hint: hint.to_owned() });
    if c.oom_killed {
        let text = format!("{who}was killed for its memory (OOM)");
        return say(Status::Crit, text, &rules.commands.usage(name));
    }
    match c.state.as_str() {
        "running" => running(c, &who, rules),
        "restarting" => {
            let text = format!("{who}restarts in a loop ({} times, exit code {})", c.restarts, c.exit_code);
            say(Status::Crit, text, &logs)
        }
        "paused" => {
            let status = if short { Status::Crit } else { Status::Warn };
            say(status, format!("{who}is paused"), &rules.commands.unpause(name))
        }
        "exited" | "dead" => {
            let code = c.exit_code;
            let when = c.finished_at.map_or_else(String::new, |at| format!(" {} ago", age(rules.now, at)));
            // 143: it was told to stop. Enough others run, or it was meant to end.
            let meant = matches!(code, 0 | 143) && !short;
            let status = match (meant, short || !group.configured) {
                (true, _) => return None,
                (false, true) => Status::Crit,
                (false, false) => Status::Warn,
            };
            say(status, format!("{who}exited with code {code}{when}"), &logs)
        }
        "created" if !short => None,
        state => {
            let status = if short { Status::Crit } else { Status::Warn };
            say(status, format!("{who}is {state}"), &rules.commands.inspect(name))
        }
    }
}

/// What is wrong with a container that runs.
fn running(c: &InstanceDetails, who: &str, rules: &Rules<'_>) -> Option<Trouble> {
    let name = &c.name;
    let health = rules.commands.health(name);
    if c.health == Some(Health::Unhealthy) {
        let words = c.health_output.as_deref().map(|o| first_words(o.as_bytes(), 80));
        let words = words.map_or_else(String::new, |w| format!(": {w}"));
        return Some(Trouble {
            status: Status::Crit,
            text: format!("{who}is unhealthy{words}"),
            hint: health,
        });
    }
    let young = c.started_at.is_some_and(|at| (rules.now - at).to_std().unwrap_or_default() < rules.settle);
    if c.restarts > 0 && young {
        let status = if c.restarts >= rules.loop_at { Status::Crit } else { Status::Warn };
        let since = c.started_at.map_or_else(String::new, |at| format!(", last {} ago", age(rules.now, at)));
        return Some(Trouble {
            status,
            text: format!("{who}was restarted {} times{since}", c.restarts),
            hint: rules.commands.logs(name),
        });
    }
    (c.health == Some(Health::Starting)).then(|| Trouble {
        status: Status::Warn,
        text: format!("{who}is starting, its health is not known yet"),
        hint: health,
    })
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
