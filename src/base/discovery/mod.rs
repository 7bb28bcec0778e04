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

mod address;
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

pub(crate) use address::DatabaseAddress;
use compose::Project;
use dotenv::Variables;
use file::Chooser;
pub(crate) use file::why_file_untrusted;
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
    /// The name of the discovered environment.
    pub(crate) name: Option<String>,
    /// Which of several databases belongs to the system is not known.
    is_ambiguous: bool,
}

/// What flags and variables set already.
pub(crate) struct Given<'a> {
    /// Whether a setting has a value.
    pub(crate) is_set: &'a dyn Fn(&str) -> bool,
    pub(crate) database: Option<DatabaseAddress>,
    /// The value of libpq's variable for a keyword.
    pub(crate) libpq: &'a dyn Fn(&str) -> Option<String>,
}

/// Which changes need the name of the environment, because nobody configured their target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DiscoveryScope {
    /// Changes of containers: the database was given, the Docker engine was discovered.
    Docker,
    /// Every change.
    System,
    /// Every change, and each is refused: several databases were discovered.
    Ambiguous,
}

impl Discovery {
    fn database(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.is("database.url"))
    }

    /// The name that a change must give. A project's name stands for its own database only; another one is named by its
    /// address, together with the project whose containers may be changed. `own`: the project's database.
    fn environment(
        &self,
        project: String,
        has_project: bool,
        own: Option<&Entry>,
        given: &Given<'_>,
    ) -> String {
        let parse = |entry: &Entry| entry.value.as_str().map(|url| DatabaseAddress::parse(url, given.libpq));
        let database = given.database.clone().or_else(|| self.database().and_then(parse));
        match database {
            Some(database) if own.and_then(parse).as_ref() != Some(&database) => {
                if has_project && !project.is_empty() {
                    format!("{database}+{project}")
                } else {
                    database.to_string()
                }
            }
            _ => project,
        }
    }

    fn add_name(&mut self, name: String, source: String, given: &Given<'_>) {
        if name.is_empty() {
            return;
        }
        if !(given.is_set)("environment") {
            self.entries.insert(0, Entry::new("environment", name.as_str(), source));
        }
        self.name = Some(name);
    }

    /// Adds the settings that variables of `.env` set. A password stays in the file.
    fn add_variables(&mut self, variables: &Variables, project: Option<&Project>) {
        for variable in env::SETTINGS.iter().filter(|variable| variable.setting.ends_with(".url")) {
            let Some(text) = variables.in_file(variable.name) else { continue };
            let source = format!("{} ({})", variables.source(), variable.name);
            let Some((without, has_password)) = SecretUrl::new(text).without_password() else {
                self.warnings.push(format!(
                    "{source} is not used: a password may be cut or stand in an unusual place; put the value in quotes"
                ));
                continue;
            };
            // A name of the compose network has no meaning here; the published port leads to the same service.
            let host = host_of(&without);
            if project.is_some_and(|project| host.is_some_and(|host| project.service(host).is_some())) {
                continue;
            }
            self.entries.push(Entry::new(variable.setting, without, source.as_str()));
            if has_password {
                let reference = format!("{}#{}", variables.source(), variable.name);
                let setting = variable.setting.replace(".url", ".password_from");
                self.entries.push(Entry::new(&setting, json!(reference), source));
            }
        }
    }

    pub(crate) fn scope(&self) -> Option<DiscoveryScope> {
        let is_docker = |entry: &Entry| entry.is("docker.enabled");
        match self.entries.as_slice() {
            [] => None,
            _ if self.is_ambiguous => Some(DiscoveryScope::Ambiguous),
            all if all.iter().all(is_docker) => Some(DiscoveryScope::Docker),
            _ => Some(DiscoveryScope::System),
        }
    }
}

/// Looks for the system of a directory; an empty path is the working directory.
pub(crate) fn discover(directory: &Path, given: &Given<'_>) -> Discovery {
    let mut found = Discovery::default();
    if let Some(why) = file::why_untrusted(directory) {
        // Without any file to discover there is nothing to warn about.
        let is_there = compose::exists(directory) || directory.join(ENV_FILE).exists();
        found.warnings.extend(is_there.then_some(why));
        return with_docker(found, given.is_set);
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
    found.add_variables(&variables, project.as_ref());
    let of_project = project.as_ref().map(|project| systems::entries(project, is_local)).unwrap_or_default();
    let own = of_project.iter().find(|entry| entry.is("database.url")).cloned();
    let first_keys: Vec<String> = found.entries.iter().map(|entry| entry.keys[0].clone()).collect();
    found.entries.extend(of_project.into_iter().filter(|entry| !first_keys.contains(&entry.keys[0])));
    // The credentials belong to the address.
    found.entries.retain(|entry| match entry.keys[0].as_str() {
        "database" => !(given.is_set)("database.url"),
        "redis" => !(given.is_set)("redis.url"),
        _ => !(given.is_set)(&entry.keys.join(".")),
    });
    if own.is_some() && found.database() == own.as_ref() {
        let rivals = project.as_ref().and_then(systems::rivals);
        found.is_ambiguous = rivals.is_some();
        found.warnings.extend(rivals);
    }
    if !found.entries.is_empty() {
        let of_directory = || compose::project_name(directory, &variables, None);
        let name = project.as_ref().map_or_else(of_directory, |project| project.name.clone());
        let name = found.environment(name, project.is_some(), own.as_ref(), given);
        let source = project.as_ref().map_or_else(|| ENV_FILE.to_owned(), Project::source);
        found.add_name(name, source, given);
    }
    with_docker(found, given.is_set)
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

/// The host of a URL without a password.
fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    place.split([':', ',']).next()
}
