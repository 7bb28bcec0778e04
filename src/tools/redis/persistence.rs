//! Whether Redis saves its data, and the last saves succeeded.

use crate::base::units;
use crate::clients::redis;
use crate::clients::redis::Info;
use crate::model::{Finding, Status};

/// Uptime in seconds after which a server with unsaved changes and no snapshot is assumed to have no save rules.
const NEVER_SAVED_AFTER: f64 = 7200.0;

/// Whether a restart loses the data. A replica gets its data from its master again.
fn is_volatile(info: &Info, rules: Option<&str>) -> bool {
    let number = |name| info.number(name).unwrap_or_default();
    if info.text("aof_enabled") == Some("1") || info.text("role") == Some("slave") {
        return false;
    }
    match rules {
        Some(rules) => rules.trim().is_empty(),
        // By the default rules one change is saved within an hour.
        None => {
            number("rdb_last_bgsave_time_sec") < 0.0
                && number("rdb_changes_since_last_save") > 0.0
                && number("uptime_in_seconds") > NEVER_SAVED_AFTER
        }
    }
}

/// Whether the data is saved, and the last saves succeeded. The permitted age depends on the rules, so it is not judged.
pub(super) fn persistence(info: &Info, rules: Option<&str>, now: f64, cli: &str) -> Finding {
    let failed = |name: &str| info.text(name).is_some_and(|v| v != "ok");
    if is_volatile(info, rules) {
        let summary = "Redis persistence: none, a restart loses the events in streams".to_owned();
        let finding = Finding::new("persistence", redis::SYSTEM, Status::Warn, summary);
        return finding.hint(match rules {
            Some(_) => format!("{cli} config set appendonly yes && {cli} config rewrite"),
            None => format!("{cli} info persistence"),
        });
    }
    let aof = info.text("aof_enabled") == Some("1");
    let mut wrong = Vec::new();
    if failed("rdb_last_bgsave_status") {
        wrong.push("last save failed");
    }
    if aof && failed("aof_last_write_status") {
        wrong.push("append-only file not writable");
    }
    if aof && failed("aof_last_bgrewrite_status") {
        wrong.push("append-only file rewrite failed");
    }
    let age = info.number("rdb_last_save_time").map(|at| (now - at).max(0.0));
    let pending = info.number("rdb_changes_since_last_save").unwrap_or_default();
    // The time of the last save is that of the start until there is one.
    let has_saved = info.number("rdb_last_bgsave_time_sec").is_none_or(|seconds| seconds >= 0.0);
    let saved = match age {
        _ if !has_saved => "no save since the start".to_owned(),
        Some(age) => format!("last save {} ago", units::duration(age)),
        None => String::new(),
    };
    let aof = if aof { ", append-only file on" } else { "" };
    let state = format!("{saved}, {} changes since{aof}", units::count(pending));
    let summary = match wrong.is_empty() {
        true => format!("Redis persistence: {state}"),
        false => format!("Redis persistence: {}; {state}", wrong.join(", ")),
    };
    let status = if wrong.is_empty() { Status::Ok } else { Status::Crit };
    let mut finding = Finding::new("persistence", redis::SYSTEM, status, summary);
    finding.value = age;
    finding.unit = age.map(|_| "s".to_owned());
    finding.hint(format!("{cli} info persistence"))
}
