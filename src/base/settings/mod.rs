//! Settings: the description of the operated system. Resolved once at the start (flags, then environment
//! variables, then the file, then defaults) and read-only afterwards.
//!
//! The types have the structure of `ordctl.yaml`. [`load`] merges the layers and records the origin of
//! each value. Defaults are in `Default`.

mod api;
mod backup;
mod baseline;
mod capacity;
mod credentials;
mod database;
mod docker;
mod files;
mod libpq;
mod limits;
mod load;
mod origin;
mod paths;
mod retention;
mod scaling;
mod tasks;
mod tree;

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::discovery::{DiscoveryScope, SecretReference};
use crate::base::secret::SecretUrl;
use crate::base::units::Span;

pub(crate) use api::Api;
pub(crate) use backup::Backup;
pub(crate) use baseline::Baseline;
pub(crate) use capacity::Capacity;
pub use database::{Database, TlsMode};
pub(crate) use docker::{Docker, DockerPlatform};
pub(crate) use files::searched;
pub(crate) use libpq::Libpq;
pub(crate) use limits::Limits;
pub(crate) use load::{Flags, load};
pub(crate) use origin::{Origin, Resolved, Row};
pub(crate) use paths::is_path;
pub(crate) use retention::Retention;
pub(crate) use scaling::{Auto, Service};
pub(crate) use tasks::{HttpRequest, SecretSource, ShellExec};
pub(crate) use tree::{nest, overlay};

/// The configuration of one environment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Name of the environment, shown before every action. Actions that are hard to undo ask for it.
    pub(crate) environment: String,
    /// Directory of journals, locks and the embedded database.
    pub(crate) data_dir: Option<PathBuf>,
    /// Time zone of "today", "tomorrow" and of every time in a report.
    pub(crate) time_zone: chrono_tz::Tz,
    /// PostgreSQL. Without a URL the embedded one is used.
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
    /// HTTP endpoints for health checks, by name.
    pub(crate) endpoints: IndexMap<String, HealthEndpoint>,
    /// The containers that make up the system, by compose service name.
    pub(crate) services: IndexMap<String, Service>,
    /// Mount points for the disk check.
    pub(crate) disks: Vec<PathBuf>,
    /// Backups of the database; not configured without a directory.
    pub(crate) backup: Backup,
    /// Limits of the database's growth.
    pub(crate) capacity: Capacity,
    /// Performance targets.
    pub(crate) baseline: Baseline,
    /// Parameters of runbooks by runbook name. They replace the runbook's defaults.
    pub(crate) params: IndexMap<String, IndexMap<String, Value>>,
    /// Directories of queries that override the embedded ones of the same name.
    pub(crate) queries: Vec<PathBuf>,
    /// Directories of runbooks that override the embedded ones of the same name.
    pub(crate) runbooks: Vec<PathBuf>,
    /// Hosts that `http.request` may contact.
    pub(crate) http_request: HttpRequest,
    /// Programs that `shell.exec` may run.
    pub(crate) shell_exec: ShellExec,
    /// Bounds of a run's memory and of its evaluations.
    pub(crate) limits: Limits,
    /// Source of `${secret:NAME}`.
    pub(crate) secrets: SecretSource,
    /// The file that was read; not a key of the file.
    #[serde(skip)]
    pub(crate) file: Option<PathBuf>,
    /// What of it was discovered rather than configured.
    #[serde(skip)]
    pub(crate) discovered: Option<DiscoveryScope>,
    /// Other environments, each with the keys that differ from the rest of the file.
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
            limits: Limits::default(),
            secrets: SecretSource::default(),
            file: None,
            discovered: None,
            environments: IndexMap::new(),
        }
    }
}

impl Settings {
    /// As configured, else `$XDG_DATA_HOME/ordctl`, and `/var/lib/ordctl` for root and users without a home.
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
            // Never below /tmp, where another user's symbolic link could lead anywhere.
            .map_or_else(|| "/var/lib/ordctl".into(), |dir| dir.join("ordctl"))
    }

    pub(crate) fn docker_configured(&self) -> bool {
        let docker = &self.docker;
        docker.enabled.unwrap_or_else(|| {
            let selected = [&docker.context, &docker.project].iter().any(|s| s.is_some());
            docker.host.is_some() || selected || !self.services.is_empty()
        })
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Engine {
    /// Listen address of the HTTP API.
    pub(crate) listen: std::net::SocketAddr,
    /// Maximum number of concurrent runs per node.
    pub(crate) concurrency: usize,
    /// Lease duration: how long the work of a crashed node stays reserved.
    pub(crate) lease: Span,
    /// How long running work may continue after a stop signal.
    pub(crate) drain: Span,
    /// How long a loop may go without progress before health checks report it.
    pub(crate) stalled_after: Span,
    /// Runbooks that tasks may run.
    pub(crate) runbooks: Vec<String>,
    /// Retention of finished work. Default: forever.
    pub(crate) retention: Retention,
}

impl Default for Engine {
    fn default() -> Self {
        Self {
            listen: std::net::SocketAddr::from(([127, 0, 0, 1], 8080)),
            concurrency: 50,
            lease: Span::seconds(30),
            drain: Span::seconds(30),
            stalled_after: Span::seconds(15),
            runbooks: Vec::new(),
            retention: Retention::default(),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redis {
    /// `redis://host:6379/0` or `rediss://…`.
    pub url: Option<SecretUrl>,
    /// File that contains only the password.
    pub password_file: Option<PathBuf>,
    /// The place of the password: a variable of an environment file, or a service of a compose file.
    pub password_from: Option<SecretReference>,
    /// Verification of the server certificate: `disable`, `require` or `verify-full`.
    pub tls: Option<TlsMode>,
    /// Trusted authorities (PEM). Default: the system's.
    pub ca_file: Option<PathBuf>,
    /// The event stream's key.
    pub stream: String,
    /// Approximate maximum number of entries in the event stream, besides unread ones.
    pub max_length: usize,
    /// Timeout of a connection attempt.
    pub connect_timeout: Span,
}

impl Default for Redis {
    fn default() -> Self {
        Self {
            url: None,
            password_file: None,
            password_from: None,
            tls: None,
            ca_file: None,
            stream: "events".into(),
            max_length: 100_000,
            connect_timeout: Span::seconds(3),
        }
    }
}

/// A monitoring system with an HTTP API.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Endpoint {
    pub(crate) url: Option<SecretUrl>,
    /// File that contains only a bearer token.
    pub(crate) token_file: Option<PathBuf>,
}

/// The health endpoint of a service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HealthEndpoint {
    pub(crate) url: SecretUrl,
    /// Status code that means healthy. Default: any 2xx.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expect: Option<u16>,
}
