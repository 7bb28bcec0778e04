//! Settings: what the program knows of the system it operates. Resolved once at the start
//! (flags > environment > file > default), then only read.
//!
//! The types here are the shape of `ordctl.yaml`. [`load`] merges the layers and remembers
//! where each value came from. A setting's default is the one in `Default`.

mod api;
mod backup;
mod baseline;
mod capacity;
mod docker;
mod load;
mod retention;
mod scaling;
mod tasks;

use std::path::PathBuf;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::secret::SecretUrl;
use crate::base::units::Span;

pub(crate) use api::Api;
pub(crate) use backup::Backup;
pub(crate) use baseline::Baseline;
pub(crate) use capacity::Capacity;
pub(crate) use docker::{Docker, DockerPlatform};
pub(crate) use load::{Flags, Resolved, Row, load};
pub(crate) use retention::Retention;
pub(crate) use scaling::{Auto, Service};
pub(crate) use tasks::{HttpRequest, SecretSource, ShellExec};

/// The whole configuration of one environment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The environment's name: shown before every action, and asked for by the gravest ones.
    pub(crate) environment: String,
    /// Where journals, locks and the embedded database live.
    pub(crate) data_dir: Option<PathBuf>,
    /// The time zone of "today", "tomorrow" and of every time in a report.
    pub(crate) time_zone: chrono_tz::Tz,
    /// PostgreSQL; without a URL the embedded one is used.
    pub(crate) database: Database,
    /// The engine: `ordctl serve`.
    pub(crate) engine: Engine,
    /// The engine's HTTP API.
    pub(crate) api: Api,
    /// Redis; not configured without a URL.
    pub(crate) redis: Redis,
    /// The Docker engine; not configured unless this section, `services` or DOCKER_HOST is there.
    pub docker: Docker,
    /// Prometheus; not configured without a URL.
    pub(crate) prometheus: Endpoint,
    /// Alertmanager; not configured without a URL.
    pub(crate) alertmanager: Endpoint,
    /// HTTP endpoints that a health check asks, by the name it shows.
    pub(crate) endpoints: IndexMap<String, HealthEndpoint>,
    /// The containers that make up the system, by compose service name.
    pub(crate) services: IndexMap<String, Service>,
    /// Mount points that a health check looks at.
    pub(crate) disks: Vec<PathBuf>,
    /// Backups of the database; not configured without a directory.
    pub(crate) backup: Backup,
    /// What bounds the database's growth.
    pub(crate) capacity: Capacity,
    /// What the system's performance has to be.
    pub(crate) baseline: Baseline,
    /// Parameters of runbooks, by runbook name: they stand in for the runbook's defaults.
    pub(crate) params: IndexMap<String, IndexMap<String, Value>>,
    /// Directories whose queries come before the embedded ones of the same name.
    pub(crate) queries: Vec<PathBuf>,
    /// Directories whose runbooks come before the embedded ones of the same name.
    pub(crate) runbooks: Vec<PathBuf>,
    /// Where `http.request` may go.
    pub(crate) http_request: HttpRequest,
    /// Which programs `shell.exec` may run.
    pub(crate) shell_exec: ShellExec,
    /// Where the values of `${secret:NAME}` come from.
    pub(crate) secrets: SecretSource,
    /// The file that was read, if there was one; it is no key of its own.
    #[serde(skip)]
    pub(crate) file: Option<PathBuf>,
    /// Other environments: each holds the keys in which it differs from the rest of the file.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(crate) environments: IndexMap<String, Settings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            environment: "default".into(),
            data_dir: None,
            time_zone: chrono_tz::UTC,
            database: Database::default(),
            engine: Engine::default(),
            api: Api::default(),
            redis: Redis::default(),
            docker: Docker::default(),
            prometheus: Endpoint::default(),
            alertmanager: Endpoint::default(),
            endpoints: IndexMap::new(),
            services: IndexMap::new(),
            disks: vec!["/".into(), "/var".into()],
            backup: Backup::default(),
            capacity: Capacity::default(),
            baseline: Baseline::default(),
            params: IndexMap::new(),
            queries: Vec::new(),
            runbooks: Vec::new(),
            http_request: HttpRequest::default(),
            shell_exec: ShellExec::default(),
            secrets: SecretSource::default(),
            file: None,
            environments: IndexMap::new(),
        }
    }
}

impl Settings {
    /// Where journals, locks and the embedded database live: as configured, else
    /// `/var/lib/ordctl` for root and `$XDG_DATA_HOME/ordctl` for everybody else.
    pub(crate) fn data_dir(&self) -> PathBuf {
        use crate::base::env;
        if let Some(dir) = &self.data_dir {
            return dir.clone();
        }
        if rustix::process::geteuid().is_root() {
            return "/var/lib/ordctl".into();
        }
        env::read(env::XDG_DATA_HOME)
            .map(PathBuf::from)
            .or_else(|| env::read(env::HOME).map(|h| PathBuf::from(h).join(".local/share")))
            .unwrap_or_else(|| "/tmp".into())
            .join("ordctl")
    }

    /// Whether the Docker engine is part of the system.
    pub(crate) fn docker_configured(&self) -> bool {
        let docker = &self.docker;
        docker.enabled.unwrap_or_else(|| {
            let selected = [&docker.host, &docker.context, &docker.project].iter().any(|s| s.is_some());
            selected || !self.services.is_empty()
        })
    }
}

/// How far a peer's certificate is checked, with PostgreSQL's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// Never use TLS.
    Disable,
    /// Use TLS when the server offers it; check nothing. The default on loopback.
    Prefer,
    /// Use TLS; check nothing.
    Require,
    /// Use TLS; the certificate must come from a trusted authority.
    VerifyCa,
    /// Use TLS; the certificate must also bear the host's name. The default off loopback.
    VerifyFull,
}

/// PostgreSQL.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgresql://user@host[,host2]/database?target_session_attrs=read-write`;
    /// SQLAlchemy's `postgresql+psycopg://` is understood.
    pub(crate) url: Option<SecretUrl>,
    /// A file that holds the password and nothing else.
    pub(crate) password_file: Option<PathBuf>,
    /// A passfile in libpq's format; default `~/.pgpass`.
    pub(crate) passfile: Option<PathBuf>,
    /// How far the server's certificate is checked; `sslmode` in the URL says the same.
    pub(crate) tls: Option<TlsMode>,
    /// Trusted authorities (PEM); default: the system's.
    pub(crate) ca_file: Option<PathBuf>,
    /// Client certificate (PEM), with `key_file`.
    pub(crate) cert_file: Option<PathBuf>,
    /// Client key (PEM).
    pub(crate) key_file: Option<PathBuf>,
    /// How long connecting may take, for each host.
    pub(crate) connect_timeout: Span,
    /// Connections that one command may hold at once.
    pub(crate) max_connections: usize,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: None,
            password_file: None,
            passfile: None,
            tls: None,
            ca_file: None,
            cert_file: None,
            key_file: None,
            connect_timeout: Span::seconds(3),
            max_connections: 3,
        }
    }
}

/// The engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Engine {
    /// Where it serves HTTP.
    pub(crate) listen: std::net::SocketAddr,
    /// How many runs a node has going on at once.
    pub(crate) concurrency: usize,
    /// How long a node that is gone keeps its work from others.
    pub(crate) lease: Span,
    /// How long runs may go on after the node was told to stop.
    pub(crate) drain: Span,
    /// Runbooks that tasks may run.
    pub(crate) runbooks: Vec<String>,
    /// How long rows are kept that nobody needs any more; default: for ever.
    pub(crate) retention: Retention,
}

impl Default for Engine {
    fn default() -> Self {
        Self {
            listen: std::net::SocketAddr::from(([127, 0, 0, 1], 8080)),
            concurrency: 50,
            lease: Span::seconds(30),
            drain: Span::seconds(30),
            runbooks: Vec::new(),
            retention: Retention::default(),
        }
    }
}

/// Redis.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redis {
    /// `redis://host:6379/0` or `rediss://…`.
    pub url: Option<SecretUrl>,
    /// A file that holds the password and nothing else.
    pub password_file: Option<PathBuf>,
    /// How far the server's certificate is checked: `disable`, `require` or `verify-full`.
    pub tls: Option<TlsMode>,
    /// Trusted authorities (PEM); default: the system's.
    pub ca_file: Option<PathBuf>,
    /// The event stream's key.
    pub stream: String,
    /// How many entries the event stream keeps, about, besides those that were not read yet.
    pub max_length: usize,
    /// How long connecting may take.
    pub connect_timeout: Span,
}

impl Default for Redis {
    fn default() -> Self {
        Self {
            url: None,
            password_file: None,
            tls: None,
            ca_file: None,
            stream: "events".into(),
            max_length: 100_000,
            connect_timeout: Span::seconds(3),
        }
    }
}

/// A monitoring system that is asked over HTTP.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Endpoint {
    /// Its base URL.
    pub(crate) url: Option<SecretUrl>,
    /// A file that holds a bearer token and nothing else.
    pub(crate) token_file: Option<PathBuf>,
}

/// An HTTP endpoint that tells how a service is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HealthEndpoint {
    /// What to GET.
    pub(crate) url: SecretUrl,
    /// The status code that means healthy; default: any 2xx.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expect: Option<u16>,
}
