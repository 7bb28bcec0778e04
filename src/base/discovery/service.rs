//! A service of a compose file: its image, variables, ports and password.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::compose::Project;
use super::ports::{self, Published};
use super::{dotenv, file};

/// Systems that ordctl has a client for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Postgres,
    Redis,
    Prometheus,
    Alertmanager,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Postgres, Self::Redis, Self::Prometheus, Self::Alertmanager];

    pub(super) fn port(self) -> u16 {
        match self {
            Self::Postgres => 5432,
            Self::Redis => 6379,
            Self::Prometheus => 9090,
            Self::Alertmanager => 9093,
        }
    }

    /// Whether an image of this name runs it. Exporters and poolers have its name in theirs.
    fn is_image(self, name: &str) -> bool {
        let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        if has(&["exporter", "pgbouncer", "pgadmin", "insight", "commander", "backup", "operator"]) {
            return false;
        }
        match self {
            Self::Postgres => has(&["postgres", "postgis", "timescaledb", "pgvector"]),
            Self::Redis => has(&["redis", "valkey", "keydb"]),
            Self::Prometheus => name == "prometheus",
            Self::Alertmanager => name == "alertmanager",
        }
    }
}

pub(super) struct Service<'a> {
    pub(super) name: &'a str,
    pub(super) spec: &'a Value,
    pub(super) project: &'a Project,
}

impl Service<'_> {
    /// The system that it runs: its image says so, or the port that it publishes.
    pub(super) fn kind(&self) -> Option<Kind> {
        let image = self.text("image").unwrap_or_default();
        let image = image.split('@').next().unwrap_or_default();
        let name = image.rsplit('/').next().unwrap_or_default().split(':').next().unwrap_or_default();
        let known = Kind::ALL.into_iter().find(|kind| kind.is_image(name));
        let published = self.published();
        let by_port =
            || Kind::ALL.into_iter().find(|kind| published.iter().any(|p| p.container == kind.port()));
        known.or_else(by_port)
    }

    pub(super) fn published(&self) -> Vec<Published> {
        let ports = self.spec.get("ports").unwrap_or(&Value::Null);
        ports::published(ports, &|value| self.scalar(value))
    }

    /// `address:port` on the engine's machine for a port of the container.
    pub(super) fn address(&self, container: u16) -> Option<String> {
        let found = self.published().into_iter().find(|p| p.container == container)?;
        Some(format!("{}:{}", found.address, found.host))
    }

    /// A variable of its container.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.own_variable(name).or_else(|| self.variable_of_files(name)).filter(|value| !value.is_empty())
    }

    fn own_variable(&self, name: &str) -> Option<String> {
        match self.spec.get("environment")? {
            Value::Object(map) => match map.get(name)? {
                Value::Null => self.project.variables.get(name),
                value => self.scalar(value),
            },
            Value::Array(all) => {
                all.iter().rev().filter_map(Value::as_str).find_map(|line| match line.split_once('=') {
                    Some((key, value)) => (key == name).then(|| self.project.variables.resolve(value)),
                    None => (line == name).then(|| self.project.variables.get(name))?,
                })
            }
            _ => None,
        }
    }

    fn variable_of_files(&self, name: &str) -> Option<String> {
        let files = match self.spec.get("env_file")? {
            Value::Array(all) => all.clone(),
            one => vec![one.clone()],
        };
        files.iter().rev().find_map(|entry| {
            let path = self.scalar(entry.get("path").unwrap_or(entry))?;
            let text = file::read(&self.project.directory.join(path)).ok()??;
            dotenv::parse(&text).swap_remove(name)
        })
    }

    /// The password that its container gets, if the compose files hold it.
    pub(super) fn password(&self) -> Option<String> {
        let names = ["POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD", "REDIS_PASSWORD", "VALKEY_PASSWORD"];
        names.iter().find_map(|name| self.variable(name)).or_else(|| {
            let words = self.command();
            let at = words.iter().position(|word| word == "--requirepass")?;
            words.get(at + 1).cloned().filter(|word| !word.is_empty())
        })
    }

    /// The file on this machine that holds its password: the secret that `POSTGRES_PASSWORD_FILE` names.
    pub(super) fn password_file(&self) -> Option<PathBuf> {
        let path = self.variable("POSTGRES_PASSWORD_FILE")?;
        let target = path.strip_prefix("/run/secrets/")?;
        let used = self.spec.get("secrets")?.as_array()?;
        let source = used.iter().find_map(|secret| match secret {
            Value::String(name) => (name == target).then_some(name.as_str()),
            Value::Object(map) => {
                let source = map.get("source")?.as_str()?;
                let given = map.get("target").and_then(Value::as_str).unwrap_or(source);
                (given == target || given == path).then_some(source)
            }
            _ => None,
        })?;
        let file = self.scalar(self.project.secret(source)?.get("file")?)?;
        let file = file.strip_prefix("./").unwrap_or(&file);
        Some(self.project.directory.join(file))
    }

    fn command(&self) -> Vec<String> {
        match self.spec.get("command") {
            Some(Value::Array(all)) => all.iter().filter_map(|word| self.scalar(word)).collect(),
            Some(Value::String(line)) => {
                shell_words::split(&self.project.variables.resolve(line)).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// The path and port of the HTTP request that its health check makes inside the container.
    pub(super) fn health_request(&self) -> Option<(u16, String)> {
        let test = match self.spec.get("healthcheck")?.get("test")? {
            Value::Array(words) => {
                words.iter().filter_map(|word| self.scalar(word)).collect::<Vec<_>>().join(" ")
            }
            other => self.scalar(other)?,
        };
        let (_, rest) = test.split_once("http://")?;
        let url = rest.split([' ', '\'', '"', ';', '|', ')']).next()?;
        let (authority, path) = url.split_once('/').unwrap_or((url, ""));
        let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "80"));
        let is_own = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"].contains(&host);
        let is_plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.".contains(&b));
        (is_own && is_plain).then_some(())?;
        Some((port.parse().ok()?, format!("/{path}")))
    }

    /// Whether it ends by design: another service waits for its completion.
    pub(super) fn is_job(&self) -> bool {
        self.project.services().any(|other| {
            let needs = other.spec.get("depends_on").and_then(Value::as_object);
            let condition =
                needs.and_then(|needs| needs.get(self.name)).and_then(|need| need.get("condition"));
            condition.and_then(Value::as_str) == Some("service_completed_successfully")
        })
    }

    /// Whether it only starts with a profile.
    pub(super) fn is_optional(&self) -> bool {
        self.spec.get("profiles").and_then(Value::as_array).is_some_and(|profiles| !profiles.is_empty())
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.scalar(self.spec.get(key)?)
    }

    fn scalar(&self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(self.project.variables.resolve(text)),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

/// A mapping without entries, as `services` and its members take it.
pub(super) fn nothing() -> Value {
    Value::Object(Map::new())
}
