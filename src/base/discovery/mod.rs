//! Discovery: without a configuration file, the system is where a person would look.
//!
//! * `.env` of the working directory: `DATABASE_URL` and the like;
//! * the compose file of the working directory: its project, services, published ports and credentials;
//! * the engine of the docker command: its current context, or the default socket.
//!
//! # Guarantees
//!
//! * It only reads files, each a regular file of limited size. It connects to nothing and starts nothing.
//! * What a flag or a variable sets is not discovered, and the credentials of a discovered database are never used for
//!   another one.
//! * No secret is part of the result: a password is a [`SecretReference`], which is read when the client connects.
//! * Directories and files that another user could have written are ignored.
//! * Passwords of the operator's variables are not sent to a discovered address, see `settings/credentials.rs`.
//!
//! A change on a discovered system needs its name, see [`DiscoveryScope`].

mod compose;
mod docker;
mod dotenv;
mod file;
mod interpolate;
mod merge;
mod ports;
mod reference;
mod service;
mod systems;

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use compose::Project;
use dotenv::Variables;
use file::Chooser;
pub use reference::SecretReference;

use crate::base::env;
use crate::base::secret::SecretUrl;

/// The file of variables that docker compose and many frameworks read.
pub(crate) const ENV_FILE: &str = ".env";

/// A discovered setting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// The path of the setting.
    pub(crate) keys: Vec<String>,
    pub(crate) value: Value,
    /// Where it was found, such as `compose.yaml (service postgres)`.
    pub(crate) source: String,
}

impl Entry {
    pub(crate) fn new(path: &str, value: impl Into<Value>, source: impl Into<String>) -> Self {
        let keys = path.split('.').map(str::to_owned).collect();
        Self { keys, value: value.into(), source: source.into() }
    }

    pub(crate) fn is(&self, path: &str) -> bool {
        self.keys.iter().map(String::as_str).eq(path.split('.'))
    }
}

/// The discovered settings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Discovery {
    pub(crate) entries: Vec<Entry>,
    /// Why something was not used.
    pub(crate) warnings: Vec<String>,
}

/// Which changes need the name of the environment, because nobody configured their target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DiscoveryScope {
    /// Changes of containers: the database was given, the Docker engine was discovered.
    Docker,
    /// Every change.
    System,
}

impl Discovery {
    /// The name of the discovered environment.
    pub(crate) fn environment(&self) -> Option<&str> {
        self.entries.iter().find(|entry| entry.is("environment"))?.value.as_str()
    }

    pub(crate) fn scope(&self) -> Option<DiscoveryScope> {
        let is_docker = |entry: &Entry| entry.is("docker.enabled");
        match self.entries.as_slice() {
            [] => None,
            all if all.iter().all(is_docker) => Some(DiscoveryScope::Docker),
            _ => Some(DiscoveryScope::System),
        }
    }
}

/// Looks for the system of a directory; an empty path is the working directory. `is_set` tells whether a setting has
/// a value already.
pub(crate) fn discover(directory: &Path, is_set: &dyn Fn(&str) -> bool) -> Discovery {
    let mut found = Discovery::default();
    if let Some(why) = file::why_untrusted(directory) {
        // Nothing was found, so nobody misses anything.
        let is_there = compose::exists(directory) || directory.join(ENV_FILE).exists();
        found.warnings.extend(is_there.then_some(why));
        return with_docker(found, is_set);
    }
    let variables = Variables::of(directory, Chooser::Discovery).unwrap_or_else(|why| {
        found.warnings.push(why);
        Variables::default()
    });
    let project = Project::find(directory, &variables).unwrap_or_else(|why| {
        found.warnings.push(why);
        None
    });
    found.warnings.extend(project.iter().flat_map(Project::warnings));
    let is_local = docker::engine().is_none_or(|engine| engine.is_local);
    let mut entries = from_variables(&variables, project.as_ref());
    if let Some(project) = &project {
        let new = systems::entries(project, is_local);
        let first_keys: Vec<String> = entries.iter().map(|entry| entry.keys[0].clone()).collect();
        entries.extend(new.into_iter().filter(|entry| !first_keys.contains(&entry.keys[0])));
    }
    // The credentials belong to the address.
    entries.retain(|entry| match entry.keys[0].as_str() {
        "database" => !is_set("database.url"),
        "redis" => !is_set("redis.url"),
        _ => !is_set(&entry.keys.join(".")),
    });
    if !entries.is_empty() {
        let of_directory = || compose::project_name(directory, &variables, None);
        let name = project.as_ref().map_or_else(of_directory, |project| project.name.clone());
        let source = project.as_ref().map_or_else(|| ENV_FILE.to_owned(), Project::source);
        if !is_set("environment") && !name.is_empty() {
            entries.insert(0, Entry::new("environment", name, source));
        }
    }
    found.entries = entries;
    with_docker(found, is_set)
}

/// Adds the engine of the docker command where a database is known: the services of its system may be containers.
fn with_docker(mut found: Discovery, is_set: &dyn Fn(&str) -> bool) -> Discovery {
    let has_database = is_set("database.url") || found.entries.iter().any(|entry| entry.is("database.url"));
    let has_docker = ["docker.enabled", "docker.host", "docker.context", "docker.project"]
        .iter()
        .any(|path| is_set(path) || found.entries.iter().any(|entry| entry.is(path)));
    if has_database
        && !has_docker
        && let Some(engine) = docker::engine()
    {
        found.entries.push(Entry::new("docker.enabled", true, engine.source));
    }
    found
}

/// The settings that variables of `.env` set. A password stays in the file.
fn from_variables(variables: &Variables, project: Option<&Project>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for variable in env::SETTINGS.iter().filter(|variable| variable.setting.ends_with(".url")) {
        let Some(text) = variables.in_file(variable.name) else { continue };
        let Some((without, has_password)) = SecretUrl::new(text).without_password() else { continue };
        // A name of the compose network has no meaning here; the published port leads to the same service.
        let host = host_of(&without);
        if project.is_some_and(|project| host.is_some_and(|host| project.service(host).is_some())) {
            continue;
        }
        let source = format!("{} ({})", variables.source(), variable.name);
        entries.push(Entry::new(variable.setting, without, source.as_str()));
        if has_password {
            let reference = format!("{}#{}", variables.source(), variable.name);
            let setting = variable.setting.replace(".url", ".password_from");
            entries.push(Entry::new(&setting, json!(reference), source));
        }
    }
    entries
}

/// The host of a URL without a password.
fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    place.split([':', ',']).next()
}
