//! `check.redis`: response time, memory, evictions, persistence, replication, clients, keys and the length of
//! the event stream.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::shell;
use crate::base::units;
use crate::clients::ClientError;
use crate::clients::redis;
use crate::clients::redis::{Info, Keyspace};
use crate::model::{Finding, Status, Threshold};
use crate::tools::redis::persistence::persistence;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Redis;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Warn at or above this percentage of maxmemory.
    #[serde(default = "warn_memory")]
    pub(crate) warn_memory: f64,
    /// Critical at or above this percentage of maxmemory.
    #[serde(default = "crit_memory")]
    pub(crate) crit_memory: f64,
    /// Warn at or above this number of entries in the event stream.
    #[serde(default)]
    pub(crate) warn_stream: Option<f64>,
    /// Critical at or above this number of entries in the event stream.
    #[serde(default)]
    pub(crate) crit_stream: Option<f64>,
}

const fn warn_memory() -> f64 {
    80.0
}

const fn crit_memory() -> f64 {
    95.0
}

#[derive(Debug, Serialize)]
pub(crate) struct RedisState {
    pub(crate) version: String,
    /// `master` or `slave`.
    pub(crate) role: String,
    /// Duration of a PING in seconds.
    pub(crate) ping: f64,
    /// Bytes in use.
    pub(crate) used_memory: f64,
    /// Memory limit in bytes; 0 for no limit.
    pub(crate) max_memory: f64,
    /// Keys evicted since the server started.
    pub(crate) evicted_keys: f64,
    /// Keys by database.
    pub(crate) keyspaces: Vec<Keyspace>,
    /// Entries in the event stream; null when there is none.
    pub(crate) stream_length: Option<u64>,
}

impl Tool for Redis {
    type Params = Params;
    type Result = RedisState;

    const NAME: &'static str = "check.redis";
    const HELP: &'static str =
        "Check Redis: response time, memory, evictions, persistence, replication, clients and stream length";
    const SOURCE: &'static str = redis::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<RedisState>, ToolError> {
        let client = ctx.clients.redis()?;
        let ping = client.ping().await?;
        let (info, length, rules) = tokio::join!(client.info(), client.stream_length(), client.save_rules());
        let info = info?;
        let cli = client.cli();
        let now = ctx.clock.now().timestamp();
        let mut findings = server_findings(&info, rules.as_deref(), ping, &params, now, &cli);
        if !is_sentinel(&info) {
            findings.push(stream(client.stream(), &length, &params, &cli));
        }
        let number = |name| info.number(name).unwrap_or_default();
        let text = |name| info.text(name).unwrap_or("unknown").to_owned();
        let state = RedisState {
            version: text("redis_version"),
            role: text("role"),
            ping: ping.as_secs_f64(),
            used_memory: number("used_memory"),
            max_memory: number("maxmemory"),
            evicted_keys: number("evicted_keys"),
            keyspaces: info.keyspaces(),
            stream_length: length.ok().flatten(),
        };
        Ok(Output::new(findings, state))
    }
}

/// The findings from INFO and PING, in the order of the report.
#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit")]
fn server_findings(
    info: &Info,
    rules: Option<&str>,
    ping: Duration,
    params: &Params,
    now: i64,
    cli: &str,
) -> Vec<Finding> {
    if is_sentinel(info) {
        let summary = "Redis: this is a Sentinel, which holds no data".to_owned();
        let finding = Finding::new("ping", redis::SYSTEM, Status::Crit, summary);
        return vec![finding.hint(format!("{cli} sentinel masters"))];
    }
    let mut findings = vec![
        answers(info, ping),
        memory(info, params, cli),
        evictions(info, cli),
        persistence(info, rules, now as f64, cli),
    ];
    findings.extend(replication(info, cli));
    findings.push(clients(info, cli));
    findings.push(keyspace(info));
    findings
}

/// Sentinel answers PING and INFO, and no command for data.
fn is_sentinel(info: &Info) -> bool {
    info.text("redis_mode") == Some("sentinel")
}

fn answers(info: &Info, ping: Duration) -> Finding {
    let seconds = ping.as_secs_f64();
    let version = info.text("redis_version").unwrap_or("unknown");
    let role = info.text("role").unwrap_or("unknown");
    let up =
        info.number("uptime_in_seconds").map_or_else(String::new, |s| format!(", up {}", units::duration(s)));
    let summary = format!("Redis: {}, version {version}, role {role}{up}", units::duration(seconds));
    Finding::measured("ping", redis::SYSTEM, summary, seconds, Some("s"), Threshold::NONE)
}

fn memory(info: &Info, params: &Params, cli: &str) -> Finding {
    let used = info.number("used_memory").unwrap_or(f64::NAN);
    let policy = info.text("maxmemory_policy").unwrap_or("unknown");
    let bytes = json!({ "used": used, "max": info.number("maxmemory"), "policy": policy });
    let finding = match info.number("maxmemory").filter(|m| *m > 0.0) {
        Some(max) => {
            let share = 100.0 * used / max;
            let of = format!("{} of {}", units::bytes(used), units::bytes(max));
            let summary = format!("Redis memory: {share:.1} % used, {of}, policy {policy}");
            let threshold = Threshold::above(Some(params.warn_memory), Some(params.crit_memory));
            Finding::measured("memory", redis::SYSTEM, summary, share, Some("%"), threshold)
        }
        None => {
            let summary = format!("Redis memory: {} used, no maxmemory", units::bytes(used));
            Finding::measured("memory", redis::SYSTEM, summary, used, Some("bytes"), Threshold::NONE)
        }
    };
    finding.hint(format!("{cli} --bigkeys")).details(bytes)
}

fn evictions(info: &Info, cli: &str) -> Finding {
    let evicted = info.number("evicted_keys").unwrap_or(f64::NAN);
    let policy = info.text("maxmemory_policy").unwrap_or("unknown");
    let summary = match evicted {
        0.0 => "Redis evictions: none".to_owned(),
        _ => format!("Redis evictions: {} since start, policy {policy}", units::counted(evicted, "key")),
    };
    Finding::measured(
        "evictions",
        redis::SYSTEM,
        summary,
        evicted,
        Some("keys"),
        Threshold::above(Some(1.0), None),
    )
    .hint(format!("{cli} info stats"))
}

/// None without replication.
fn replication(info: &Info, cli: &str) -> Option<Finding> {
    let replica = info.text("role") == Some("slave");
    let followers = info.number("connected_slaves").unwrap_or_default();
    let (status, summary) = if replica {
        let host = info.text("master_host").unwrap_or("unknown");
        match info.text("master_link_status") {
            Some("up") => (Status::Ok, format!("Redis replication: connected to master {host}")),
            _ => (Status::Crit, format!("Redis replication: link to master {host} down")),
        }
    } else if followers > 0.0 {
        (Status::Ok, format!("Redis replication: {} connected", units::counted(followers, "replica")))
    } else {
        return None;
    };
    let finding = Finding::new("replication", redis::SYSTEM, status, summary);
    Some(finding.hint(format!("{cli} info replication")))
}

fn clients(info: &Info, cli: &str) -> Finding {
    let number = |name| info.number(name).unwrap_or_default();
    let (connected, rejected) = (number("connected_clients"), number("rejected_connections"));
    let mut summary = format!("Redis clients: {} connected", units::count(connected));
    if number("blocked_clients") > 0.0 {
        // Consumers of a stream block while they wait: normal.
        summary += &format!(", {} blocked", units::count(number("blocked_clients")));
    }
    if rejected > 0.0 {
        summary += &format!(", {} rejected since start (maxclients)", units::count(rejected));
    }
    let status = if rejected > 0.0 { Status::Warn } else { Status::Ok };
    let mut finding = Finding::new("clients", redis::SYSTEM, status, summary);
    finding.value = Some(connected);
    finding.unit = Some("clients".to_owned());
    finding.hint(format!("{cli} config get maxclients"))
}

#[expect(clippy::cast_precision_loss, reason = "no server holds 2^52 keys")]
fn keyspace(info: &Info) -> Finding {
    let spaces = info.keyspaces();
    let total: u64 = spaces.iter().map(|k| k.keys).sum();
    let each: Vec<String> =
        spaces.iter().map(|k| format!("{} {}", k.db, units::count(k.keys as f64))).collect();
    let summary = match each.is_empty() {
        true => "Redis keys: none".to_owned(),
        false => format!("Redis keys: {}", each.join(", ")),
    };
    let value = total as f64;
    Finding::measured("keyspace", redis::SYSTEM, summary, value, Some("keys"), Threshold::NONE)
        .details(json!({ "databases": spaces }))
}

#[expect(clippy::cast_precision_loss, reason = "no stream holds 2^52 entries")]
fn stream(name: &str, length: &Result<Option<u64>, ClientError>, params: &Params, cli: &str) -> Finding {
    let hint = format!("{cli} xinfo stream {}", shell::word(name));
    match length {
        Ok(Some(n)) => {
            let value = *n as f64;
            let threshold = Threshold::above(params.warn_stream, params.crit_stream);
            let summary = format!("Redis stream {name}: {} entries", units::count(value));
            Finding::measured("stream", redis::SYSTEM, summary, value, Some("entries"), threshold).hint(hint)
        }
        Ok(None) => {
            let summary = format!("Redis stream {name}: does not exist yet");
            Finding::new("stream", redis::SYSTEM, Status::Ok, summary)
        }
        Err(e) => {
            let summary = format!("Redis stream {name}: {e}");
            Finding::new("stream", redis::SYSTEM, Status::Unknown, summary).hint(hint)
        }
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
