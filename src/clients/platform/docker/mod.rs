//! The Docker engine: containers, their logs, and what takes up its disk.

mod api;
mod cli;
mod compose;
mod containers;
mod disk_usage;
mod error;
#[cfg(test)]
mod fake_engine;
mod labels;
mod line_joiner;
mod log_file;
mod log_record;
mod log_size;
mod log_stream;
mod logs;
mod platform;
mod replica;
mod service_update;
mod stop_container;
mod swarm;
mod swarm_containers;
mod unused;
mod usage;

use std::path::Path;
use std::time::Duration;

use bollard::API_DEFAULT_VERSION;
use indexmap::IndexMap;
use serde::Serialize;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::base::env;
use crate::base::settings::{DockerPlatform, Service, Settings};
use crate::clients::ClientError;
use crate::clients::http::is_loopback;

pub(crate) use cli::Cli;
pub(crate) use disk_usage::{DiskUsage, Room, UnusedVolume, Usage};
use error::{explain, hangs};
pub use unused::{KEEP, Kind, RemovalOutcome, Seen, Unused};

/// The system's name in findings and errors.
pub(crate) const SYSTEM: &str = "docker";

const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";

/// Seconds until the beginning of an answer is given up. Before it the step's time-out may come; what takes
/// longer by its nature, such as stopping a container, has a limit of its own.
const LIBRARY_LIMIT: u64 = 600;

/// Within which the engine tells of itself and its containers; else it hangs.
const PROMPT: Duration = Duration::from_secs(10);

enum Host {
    Unix(String),
    Tcp(String),
}

pub struct Docker {
    host: Host,
    url: String,
    cli: Cli,
    project: Option<String>,
    services: IndexMap<String, Service>,
    engine: OnceCell<bollard::Docker>,
    platform: DockerPlatform,
    /// Whether the services are a swarm's, once it is known.
    swarm: OnceCell<bool>,
}

/// What the engine says of itself.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Engine {
    /// Its id: the same for as long as it keeps its directory.
    pub(crate) id: String,
    pub(crate) version: String,
    /// The API version that is spoken with it.
    pub(crate) api: String,
    /// Where it keeps everything, on its own machine.
    pub(crate) root: String,
}

impl Docker {
    /// Reads the settings; connects to nothing.
    pub fn new(settings: &Settings) -> Result<Self, ClientError> {
        if !settings.docker_configured() {
            return Err(ClientError::NotConfigured {
                system: SYSTEM,
                setting: "services, docker.project, docker.host or DOCKER_HOST",
            });
        }
        let url = settings.docker.host.clone().unwrap_or_else(|| DEFAULT_HOST.to_owned());
        let host = match url.split_once("://") {
            Some(("unix", path)) => Host::Unix(path.to_owned()),
            Some(("tcp" | "http", address)) => Host::Tcp(address.trim_end_matches('/').to_owned()),
            _ => {
                return Err(ClientError::misconfigured(
                    "docker.host",
                    format!("'{url}' is neither unix:///path nor tcp://host:port"),
                ));
            }
        };
        let project = settings.docker.project.clone();
        let services = settings.services.clone();
        let platform = settings.docker.platform;
        let (engine, swarm) = (OnceCell::new(), OnceCell::new());
        let is_default = url == DEFAULT_HOST && env::read(env::DOCKER_HOST).is_none();
        let cli = if is_default { Cli::default() } else { Cli::for_host(&url) };
        Ok(Self { host, url, cli, project, services, engine, platform, swarm })
    }

    /// The docker command that reaches this engine.
    pub(crate) fn cli(&self) -> &Cli {
        &self.cli
    }

    /// Whether the engine runs on this machine, so that its files may be here.
    fn runs_here(&self) -> bool {
        match &self.host {
            Host::Unix(_) => true,
            Host::Tcp(address) => is_loopback(address.rsplit_once(':').map_or(address, |(host, _)| host)),
        }
    }

    /// What the engine says of itself.
    pub(crate) async fn engine_info(&self) -> Result<Engine, ClientError> {
        let engine = self.engine().await?;
        let info = prompt(engine.info()).await?;
        Ok(Engine {
            id: info.id.unwrap_or_default(),
            version: info.server_version.unwrap_or_default(),
            api: engine.client_version().to_string(),
            root: info.docker_root_dir.unwrap_or_default(),
        })
    }

    /// The connection, with the API version that both sides know.
    async fn engine(&self) -> Result<&bollard::Docker, ClientError> {
        let connect = || async {
            let engine = match &self.host {
                Host::Unix(path) => {
                    bollard::Docker::connect_with_unix(path, LIBRARY_LIMIT, API_DEFAULT_VERSION)
                }
                Host::Tcp(address) => {
                    bollard::Docker::connect_with_http(address, LIBRARY_LIMIT, API_DEFAULT_VERSION)
                }
            };
            let engine = engine.map_err(|e| explain(&e))?;
            engine.negotiate_version().await.map_err(|e| explain(&e))
        };
        // Of many that ask at once only one connects: the others wait no longer than it does.
        let engine = timeout(PROMPT, self.engine.get_or_try_init(connect)).await;
        engine.unwrap_or_else(|_| Err(hangs(PROMPT)))
    }

    /// Whether a path of the engine's machine can be read here.
    fn can_read(&self, path: &Path) -> bool {
        self.runs_here() && path.is_absolute()
    }
}

/// What the engine tells at once, unless it hangs.
async fn prompt<T>(asked: impl Future<Output = Result<T, bollard::errors::Error>>) -> Result<T, ClientError> {
    match timeout(PROMPT, asked).await {
        Ok(answer) => answer.map_err(|e| explain(&e)),
        Err(_) => Err(hangs(PROMPT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The socket of a daemon that hangs takes every connection.
    #[tokio::test(start_paused = true)]
    async fn an_engine_that_hangs_is_given_up_soon_whatever_it_is_asked() {
        for silent in ["/version", "/containers/json", "/containers/a/json", "/info"] {
            let engine = fake_engine::FakeEngine::new(move |request| {
                let answer = match request {
                    r if r.contains(silent) => return None,
                    r if r.contains("/version") => fake_engine::VERSION,
                    r if r.contains("/containers/json") => r#"[{"Id": "a", "Names": ["/api-1"]}]"#,
                    _ => "{}",
                };
                Some((Duration::ZERO, answer.to_owned()))
            });
            let docker = engine.docker();
            let ask = || async {
                docker.engine_info().await?;
                let all = docker.containers().await?;
                docker.inspect_containers(all).await
            };
            let begun = tokio::time::Instant::now();
            let (one, other) = tokio::join!(ask(), ask());
            for answer in [one, other] {
                let ClientError::Unreachable { message, hint, .. } = answer.unwrap_err() else {
                    panic!("{silent}")
                };
                assert_eq!(message, "the engine does not answer within 10 s", "{silent}");
                assert_eq!(hint.as_deref(), Some("systemctl status docker"));
            }
            assert!(begun.elapsed() < PROMPT * 2, "{silent}: {:?}", begun.elapsed());
        }
    }
}
