//! The engine that the docker command would reach, read from variables and files without asking it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::file::{self, Chooser};
use crate::base::env;

const SOCKET: &str = "/var/run/docker.sock";
/// Contexts that are looked at; a person has fewer.
const CONTEXTS_MAX: usize = 100;

pub(super) struct Engine {
    /// Where it was found.
    pub(super) source: String,
    /// Whether its published ports are ports of this machine.
    pub(super) is_local: bool,
}

/// The selected engine; None when none is selected and the default socket does not exist or is not accessible.
pub(super) fn engine() -> Option<Engine> {
    if let Some(host) = env::read(env::DOCKER_HOST) {
        return Some(Engine { source: format!("${}", env::DOCKER_HOST), is_local: is_local(&host) });
    }
    let home = || env::read(env::HOME).map(|home| Path::new(&home).join(".docker"));
    let directory = env::read(env::DOCKER_CONFIG).map(PathBuf::from).or_else(home);
    let current = || {
        let config = json(&directory.as_ref()?.join("config.json"))?;
        config.get("currentContext")?.as_str().map(str::to_owned)
    };
    let context = env::read(env::DOCKER_CONTEXT).or_else(current);
    if let Some(name) = context.filter(|name| !name.is_empty() && name != "default") {
        let host = directory.and_then(|directory| context_host(&directory, &name));
        let is_local = host.is_some_and(|host| is_local(&host));
        return Some(Engine { source: format!("docker context {name}"), is_local });
    }
    let access = rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK;
    let is_there = rustix::fs::access(SOCKET, access).is_ok();
    is_there.then(|| Engine { source: SOCKET.to_owned(), is_local: true })
}

fn is_local(host: &str) -> bool {
    host.starts_with("unix:")
        || ["://127.", "://localhost", "://[::1]"].iter().any(|part| host.contains(part))
}

/// The host of a context of the docker command.
fn context_host(directory: &Path, name: &str) -> Option<String> {
    let all = std::fs::read_dir(directory.join("contexts/meta")).ok()?;
    all.take(CONTEXTS_MAX).flatten().find_map(|entry| {
        let meta = json(&entry.path().join("meta.json"))?;
        let is_it = meta.get("Name")?.as_str()? == name;
        let host = meta.pointer("/Endpoints/docker/Host").and_then(Value::as_str).unwrap_or("unix:");
        is_it.then(|| host.to_owned())
    })
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_str(&file::read(path, Chooser::Operator).ok()??).ok()
}
