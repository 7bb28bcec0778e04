//! A service of a compose file: its image, variables, ports and password.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::compose::Project;
use super::ports::{self, PortMapping};
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
    pub(super) fn port(self) -> u16 {
        match self {
            Self::Postgres => 5432,
            Self::Redis => 6379,
            Self::Prometheus => 9090,
            Self::Alertmanager => 9093,
        }
    }

    /// The system that an image of this name runs.
    fn of_image(name: &str) -> Option<Self> {
        let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        match name {
            _ if has(&OTHERS) => None,
            "prometheus" => Some(Self::Prometheus),
            "alertmanager" => Some(Self::Alertmanager),
            _ if has(&["postgres", "postgis", "timescaledb", "pgvector"]) => Some(Self::Postgres),
            _ if has(&["redis", "valkey", "keydb"]) => Some(Self::Redis),
            _ => None,
        }
    }
}

/// Parts of the names of images that are no such system although they are named after one or use its port: exporters,
/// poolers, proxies, consoles and other databases.
const OTHERS: [&str; 24] = [
    "exporter",
    "bouncer",
    "pgpool",
    "pgcat",
    "odyssey",
    "supavisor",
    "haproxy",
    "envoy",
    "traefik",
    "nginx",
    "proxy",
    "pgadmin",
    "adminer",
    "pgweb",
    "pghero",
    "insight",
    "commander",
    "sentinel",
    "backup",
    "operator",
    "postgrest",
    "postgraphile",
    "cockroach",
    "yugabyte",
];

/// Parts of the names of services that end by design.
const JOBS: [&str; 7] = ["migrate", "migrations", "migration", "seed", "setup", "init", "bootstrap"];

pub(super) struct Service<'a> {
    pub(super) name: &'a str,
    pub(super) spec: &'a Value,
    pub(super) project: &'a Project,
}

impl Service<'_> {
    /// The system that its image runs.
    pub(super) fn kind(&self) -> Option<Kind> {
        Kind::of_image(&self.image())
    }

    /// The system that an unknown image runs by the port that it publishes. Only the ports of the databases tell: an
    /// API on 9090 is not Prometheus.
    pub(super) fn kind_by_port(&self) -> Option<Kind> {
        let image = self.image();
        let is_other = Kind::of_image(&image).is_some() || OTHERS.iter().any(|part| image.contains(part));
        let published = self.published();
        let is_published = |kind: &Kind| published.iter().any(|port| port.container == kind.port());
        [Kind::Postgres, Kind::Redis].into_iter().find(is_published).filter(|_| !is_other)
    }

    /// The name of its image without registry and version.
    fn image(&self) -> String {
        let image = self.text("image").unwrap_or_default();
        let image = image.split('@').next().unwrap_or_default();
        image.rsplit('/').next().unwrap_or_default().split(':').next().unwrap_or_default().to_owned()
    }

    pub(super) fn published(&self) -> Vec<PortMapping> {
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
        match self.spec.get("environment")?.get(name)? {
            Value::Null => self.project.variables.get(name),
            value => self.scalar(value),
        }
    }

    fn variable_of_files(&self, name: &str) -> Option<String> {
        self.env_files().iter().rev().find_map(|path| {
            let text = file::read(path, self.project.chooser).ok()??;
            dotenv::parse(&text).swap_remove(name)
        })
    }

    fn env_files(&self) -> Vec<PathBuf> {
        let files = self.spec.get("env_file").and_then(Value::as_array);
        let path = |entry: &Value| self.scalar(entry.get("path").unwrap_or(entry));
        files.into_iter().flatten().filter_map(path).map(|path| self.project.directory.join(path)).collect()
    }

    /// Why files with its variables are left out.
    pub(super) fn ignored_files(&self) -> Vec<String> {
        let read = |path: &PathBuf| file::read(path, self.project.chooser).err();
        self.env_files().iter().filter_map(read).collect()
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
        let source = used.iter().rev().find_map(|secret| match secret {
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

    /// Whether a healthy system may run without it: it starts with a profile only, has no replicas, or ends by design.
    pub(super) fn is_optional(&self) -> bool {
        let has_profile =
            self.spec.get("profiles").and_then(Value::as_array).is_some_and(|profiles| !profiles.is_empty());
        let replicas = self.spec.pointer("/deploy/replicas").or_else(|| self.spec.get("scale"));
        let has_none = replicas.and_then(|number| self.scalar(number)).is_some_and(|number| number == "0");
        has_profile || has_none || self.is_job_by_name()
    }

    /// Whether its name is that of a job, and nothing starts it again or reaches it.
    fn is_job_by_name(&self) -> bool {
        let is_restarted =
            self.text("restart").is_some_and(|policy| !["no", "false", "on-failure"].contains(&&*policy))
                || self.spec.pointer("/deploy/restart_policy").is_some();
        let is_named = self.name.split(['-', '_', '.']).any(|word| JOBS.contains(&word));
        is_named && !is_restarted && self.spec.get("ports").is_none()
    }

    /// Whether its values stand in part elsewhere, so that those that are known may be wrong.
    pub(super) fn is_incomplete(&self) -> bool {
        self.spec.get("extends").is_some()
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
