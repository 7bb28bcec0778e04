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
) -> String {
    let mut text = String::new();
    if let Some(at) = address {
        let who = match is_open {
            _ if !roles.contains(&Role::Api) => "/health and /metrics only",
            true => "no credentials exist: direct requests of this user act as 'system'",
            false => "credentials required",
        };
        text.push_str(&format!("listening  http://{at}, {who}\n"));
    }
    let names: Vec<String> = roles.iter().map(|r| format!("{r:?}").to_lowercase()).collect();
    text.push_str(&format!("database   {database}\nroles      {}\n", names.join(", ")));
    if let Some(created) = created {
        text.push_str(&format!(
            "tasks      {created} example tasks created; `ordctl task list` lists them\n"
        ));
    }
    text.push_str("stop       Ctrl-C or SIGTERM; running tasks can finish first");
    text
}
