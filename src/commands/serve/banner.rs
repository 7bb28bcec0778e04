//! What `serve` prints when it starts.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use crate::engine::node::Role;

pub(super) fn banner(
    address: Option<SocketAddr>,
    is_open: bool,
    database: &str,
    roles: &BTreeSet<Role>,
    created: Option<usize>,
) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(at) = address {
        let who = match is_open {
            _ if !roles.contains(&Role::Api) => "/health and /metrics only",
            true => "no credentials exist: direct requests of this user act as 'system'",
            false => "credentials required",
        };
        lines.push(format!("listening  http://{at}, {who}"));
    }
    let names: Vec<String> = roles.iter().map(|r| format!("{r:?}").to_lowercase()).collect();
    lines.extend([format!("database   {database}"), format!("roles      {}", names.join(", "))]);
    if let Some(created) = created {
        lines.push(format!("tasks      {created} example tasks created; `ordctl task list` lists them"));
    }
    lines.push("stop       Ctrl-C or SIGTERM; running tasks can finish first".to_owned());
    lines
}
