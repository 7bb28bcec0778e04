//! What `serve` prints when it starts.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use crate::engine::node::Role;
use crate::render::{LogFormat, stdio};

/// Prints the lines for a person, or as one event for a collector.
pub(super) fn print(format: LogFormat, lines: &[(&str, String)]) {
    match format {
        LogFormat::Text => stdio::notes(lines.iter().map(|(name, text)| format!("{name:<10} {text}"))),
        LogFormat::Json => {
            let text = |wanted| lines.iter().find(|(name, _)| *name == wanted).map(|(_, text)| text.as_str());
            tracing::info!(
                listening = text("listening"),
                database = text("database"),
                roles = text("roles"),
                tasks = text("tasks"),
                "started"
            );
        }
    }
}

pub(super) fn lines(
    address: Option<SocketAddr>,
    is_open: bool,
    database: &str,
    roles: &BTreeSet<Role>,
    created: Option<usize>,
) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(at) = address {
        let who = match is_open {
            _ if !roles.contains(&Role::Api) => "/health and /metrics only",
            true => "no credentials exist: direct requests of this user act as 'system'",
            false => "credentials required",
        };
        lines.push(("listening", format!("http://{at}, {who}")));
    }
    let names: Vec<String> = roles.iter().map(|r| format!("{r:?}").to_lowercase()).collect();
    lines.extend([("database", database.to_owned()), ("roles", names.join(", "))]);
    if let Some(created) = created {
        let text = format!("{created} example tasks created; `ordctl task list` lists them");
        lines.push(("tasks", text));
    }
    lines.push(("stop", "Ctrl-C or SIGTERM; running tasks can finish first".to_owned()));
    lines
}
