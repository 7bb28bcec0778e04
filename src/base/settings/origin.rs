//! Where each value of the settings comes from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::tree::flatten;
use super::{Docker, Service, Settings};
use crate::base::discovery::{DiscoveryScope, Entry};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    /// Found without a configuration, such as in `compose.yaml`.
    Discovered(String),
    /// A file, and the environment in it when one was chosen.
    File(PathBuf, Option<String>),
    Variable(&'static str),
    /// Several variables, as they are shown.
    Variables(String),
    Flag(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Discovered(source) => write!(f, "discovered: {source}"),
            Self::File(path, None) => write!(f, "{}", path.display()),
            Self::File(path, Some(name)) => write!(f, "{} (environments.{name})", path.display()),
            Self::Variable(name) => write!(f, "${name}"),
            Self::Variables(names) => f.write_str(names),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A row of `config show`. Secrets are masked.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) path: String,
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// The settings with the origin of each value.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) settings: Settings,
    pub(super) origins: BTreeMap<String, Origin>,
    /// The discovered settings, for `init`.
    pub(crate) entries: Vec<Entry>,
    /// Why something was not discovered.
    pub(crate) warnings: Vec<String>,
}

impl Resolved {
    /// Every setting, in the order of the type.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let tree = serde_json::to_value(&self.settings).unwrap_or(Value::Null);
        flatten("", &tree, &mut |path, value| {
            let origin = self.origin(path);
            rows.push(Row { path: path.to_owned(), value: value.clone(), origin });
        });
        rows
    }

    /// Adds the project of a discovered engine, and its services.
    pub(crate) fn add_project(&mut self, name: String, services: Vec<String>) {
        let source = match self.origin("docker.enabled") {
            Origin::Discovered(source) => source,
            _ => return,
        };
        self.entries.push(Entry::new("docker.project", name.as_str(), source.as_str()));
        self.settings.docker.project = Some(name);
        self.origins.insert("docker.project".to_owned(), Origin::Discovered(source.clone()));
        for service in services {
            let keys = vec!["services".to_owned(), service.clone()];
            let value = Value::Object(serde_json::Map::new());
            self.entries.push(Entry { keys, value, source: source.clone() });
            for key in ["container", "min", "max"] {
                let origin = Origin::Discovered(source.clone());
                self.origins.insert(format!("services.{service}.{key}"), origin);
            }
            self.settings.services.insert(service, Service::default());
        }
    }

    /// Leaves a discovered engine out: nothing on it belongs to the database.
    pub(crate) fn remove_engine(&mut self) {
        if !matches!(self.origin("docker.enabled"), Origin::Discovered(_)) {
            return;
        }
        self.settings.docker = Docker::default();
        self.origins.retain(|path, _| !path.starts_with("docker."));
        self.entries.retain(|entry| entry.keys.first().is_none_or(|key| key != "docker"));
        self.settings.discovered = self.settings.discovered.filter(|scope| *scope != DiscoveryScope::Docker);
    }

    /// The origin of a setting.
    pub(crate) fn origin(&self, path: &str) -> Origin {
        self.origins.get(path).cloned().unwrap_or(Origin::Default)
    }
}

impl From<Settings> for Resolved {
    /// Settings that come from no file, variable or flag.
    fn from(settings: Settings) -> Self {
        Self { settings, origins: BTreeMap::new(), entries: Vec::new(), warnings: Vec::new() }
    }
}
