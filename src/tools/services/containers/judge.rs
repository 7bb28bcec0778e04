//! Judges the containers of a service.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::base::sanitize::ident;
use crate::base::units;
use crate::clients::http::first_words;
use crate::clients::platform;
use crate::clients::platform::{Health, HintCommands, InstanceDetails};
use crate::model::{Finding, Status, Threshold, Worse};

pub(crate) struct ServiceContainers {
    pub(crate) service: String,
    /// Minimum number of running containers.
    pub(crate) min: u32,
    /// Whether ordctl.yaml configures it.
    pub(crate) configured: bool,
    /// Whether its minimum was discovered, so that nobody said that it must run.
    pub(crate) discovered: bool,
}

pub(crate) struct Rules<'a> {
    pub(crate) now: DateTime<Utc>,
    pub(crate) settle: Duration,
    pub(crate) loop_at: i64,
    pub(crate) commands: &'a dyn HintCommands,
}

pub(crate) fn is_running(container: &InstanceDetails) -> bool {
    container.state == "running"
}

/// The container's name, unless it repeats the service's.
fn prefix(c: &InstanceDetails, group: &ServiceContainers) -> String {
    if c.name == group.service { String::new() } else { format!("{} ", c.name) }
}

struct ContainerIssue {
    status: Status,
    text: String,
    hint: String,
}

pub(crate) fn judge(group: &ServiceContainers, containers: &[InstanceDetails], rules: &Rules<'_>) -> Finding {
    let running = containers.iter().filter(|c| is_running(c)).count();
    let min = minimum(group, containers);
    let too_few = running < usize::try_from(min).unwrap_or(usize::MAX);
    let mut issues: Vec<ContainerIssue> =
        containers.iter().filter_map(|c| issue(c, group, too_few, rules)).collect();
    issues.sort_by_key(|t| Status::ALL.iter().position(|s| *s == t.status));
    let count = match min {
        0 | 1 if containers.len() <= 1 => String::new(),
        0 | 1 => format!("{running} running"),
        min => format!("{running} of {min} running"),
    };
    let mut parts: Vec<String> = Some(count).filter(|c| !c.is_empty()).into_iter().collect();
    parts.extend(issues.iter().map(|t| t.text.clone()));
    if containers.is_empty() {
        parts = vec![if min > 0 { "no container".to_owned() } else { "no container (optional)".to_owned() }];
    } else if issues.is_empty() {
        parts.extend(healthy_state(containers, rules.now));
    }
    let limit = min.checked_sub(1).map(f64::from);
    let threshold = Threshold { warn: None, crit: limit, worse: Worse::Lower };
    #[expect(clippy::cast_precision_loss, reason = "nobody runs 2^52 containers")]
    let value = running as f64;
    let summary = format!("{}: {}", group.service, parts.join(", "));
    let id = ident(&group.service);
    let finding = Finding::measured(&id, platform::SYSTEM, summary, value, Some("containers"), threshold)
        .at_least(Status::worst(issues.iter().map(|t| t.status)))
        .details(json!({ "containers": containers, "min": min }));
    match issues.into_iter().next() {
        Some(worst) => finding.hint(worst.hint),
        None => finding.hint(rules.commands.list(Some(&group.service))),
    }
}

/// A discovered service that has finished, as one that migrates a database, needs no container any more.
fn minimum(group: &ServiceContainers, containers: &[InstanceDetails]) -> u32 {
    let has_finished = |c: &InstanceDetails| c.state == "exited" && c.exit_code == 0 && !c.is_restarted;
    let is_job = group.discovered && !containers.is_empty() && containers.iter().all(has_finished);
    if is_job { 0 } else { group.min }
}

/// Uptime of the youngest container, health and past restarts.
fn healthy_state(containers: &[InstanceDetails], now: DateTime<Utc>) -> Option<String> {
    let running: Vec<&InstanceDetails> = containers.iter().filter(|c| is_running(c)).collect();
    if running.is_empty() {
        return Some("finished".to_owned());
    }
    let mut text = "up".to_owned();
    if let Some(at) = running.iter().filter_map(|c| c.started_at).max() {
        text += &format!(" {}", age(now, at));
    }
    if running.iter().all(|c| c.health == Some(Health::Healthy)) {
        text += ", healthy";
    }
    match running.iter().map(|c| c.restarts).sum::<i64>() {
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

fn issue(
    c: &InstanceDetails,
    group: &ServiceContainers,
    too_few: bool,
    rules: &Rules<'_>,
) -> Option<ContainerIssue> {
    let name = &c.name;
    let prefix = prefix(c, group);
    let logs = rules.commands.logs(name);
    let issue =
        |status, text: String, hint: &str| Some(ContainerIssue { status, text, hint: hint.to_owned() });
    if c.oom_killed {
        let text = format!("{prefix}killed, out of memory");
        let hint = if is_running(c) { rules.commands.usage(name) } else { logs };
        return issue(Status::Crit, text, &hint);
    }
    match c.state.as_str() {
        "running" => running_issue(c, &prefix, rules),
        "restarting" => {
            let text =
                format!("{prefix}in a restart loop ({} restarts, exit code {})", c.restarts, c.exit_code);
            issue(Status::Crit, text, &logs)
        }
        "paused" => {
            let status = if too_few { Status::Crit } else { Status::Warn };
            issue(status, format!("{prefix}paused"), &rules.commands.unpause(name))
        }
        "exited" | "dead" => {
            let code = c.exit_code;
            let when = c.finished_at.map_or_else(String::new, |at| format!(" {} ago", age(rules.now, at)));
            // 143: SIGTERM.
            let expected = matches!(code, 0 | 143) && !too_few;
            let status = match (expected, too_few || !group.configured) {
                (true, _) => return None,
                (false, true) => Status::Crit,
                (false, false) => Status::Warn,
            };
            issue(status, format!("{prefix}exited with code {code}{when}"), &logs)
        }
        "created" if !too_few => None,
        state => {
            let status = if too_few { Status::Crit } else { Status::Warn };
            issue(status, format!("{prefix}{state}"), &rules.commands.inspect(name))
        }
    }
}

fn running_issue(c: &InstanceDetails, prefix: &str, rules: &Rules<'_>) -> Option<ContainerIssue> {
    let name = &c.name;
    let health = rules.commands.health(name);
    if c.health == Some(Health::Unhealthy) {
        let words = c.health_output.as_deref().map(|o| first_words(o.as_bytes(), 80));
        let words = words.map_or_else(String::new, |w| format!(": {w}"));
        return Some(ContainerIssue {
            status: Status::Crit,
            text: format!("{prefix}unhealthy{words}"),
            hint: health,
        });
    }
    let is_young =
        c.started_at.is_some_and(|at| (rules.now - at).to_std().unwrap_or_default() < rules.settle);
    if c.restarts > 0 && is_young {
        let status = if c.restarts >= rules.loop_at { Status::Crit } else { Status::Warn };
        let since = c.started_at.map_or_else(String::new, |at| format!(", last {} ago", age(rules.now, at)));
        return Some(ContainerIssue {
            status,
            text: format!("{prefix}restarted {} times{since}", c.restarts),
            hint: rules.commands.logs(name),
        });
    }
    (c.health == Some(Health::Starting)).then(|| ContainerIssue {
        status: Status::Warn,
        text: format!("{prefix}starting, health unknown"),
        hint: health,
    })
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
