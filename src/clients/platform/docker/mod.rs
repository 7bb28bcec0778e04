//! The Docker engine: containers, their logs, and what takes up its disk.

#[cfg(test)]
mod answers;
mod batch;
mod compose;
mod containers;
mod df;
mod error;
mod lines;
mod logfile;
mod logs;
mod logsize;
mod ours;
mod place;
mod raw;
mod record;
mod replica;
mod services;
mod stats;
mod stop;
mod stream;
mod swarm;
mod unused;
mod update;

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

pub(crate) use batch::{Batch, Picks, Stamped};
pub(crate) use containers::{Brief, Container, Health};
pub(crate) use df::{DiskUsage, Room, UnusedVolume, Usage};
use error::{explain, hangs};
pub(crate) use lines::{Line, LineSink};
pub(crate) use record::key as time_key;
pub(crate) use stats::Stats;
pub use unused::{KEEP, Kind, RemovalOutcome, Seen, Unused};

/// The system's name in findings and errors.
pub(crate) const SYSTEM: &str = "docker";

const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";

/// Seconds until the beginning of an answer is given up. Before it the step's time-out may come; what takes
/// longer by its nature, such as stopping a container, has a limit of its own.
const LIBRARY_LIMIT: u64 = 600;

/// Within which the engine tells of itself and its containers; else it hangs.
const PROMPT: Duration = Duration::from_secs(10);

/// Where a line was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output; everything, when the container has a terminal.
    Stdout,
    Stderr,
}

impl Stream {
    fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"stdout" => Some(Self::Stdout),
            b"stderr" => Some(Self::Stderr),
            _ => None,
        }
    }
}

enum Host {
    Unix(String),
    Tcp(String),
}

pub struct Docker {
    host: Host,
    url: String,
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
        Ok(Self { host, url, project, services, engine, platform, swarm })
    }

    pub(crate) fn target(&self) -> &str {
        &self.url
    }

    /// The compose project whose containers are meant, if only one is.
    pub(crate) fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    /// How to reach it with the docker command: `docker`, or `docker -H …` where the command
    /// would not find it by itself.
    pub(crate) fn cli(&self) -> String {
        let default = self.url == DEFAULT_HOST && env::read(env::DOCKER_HOST).is_none();
        if default || env::read(env::DOCKER_HOST).as_deref() == Some(self.url.as_str()) {
            return "docker".to_owned();
        }
        format!("docker -H {}", self.url)
    }

    /// Whether the engine runs on this machine, so that its files may be here.
    pub(crate) fn is_local(&self) -> bool {
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

    /// Whether a path of the engine's machine can be looked at here.
    fn sees(&self, path: &Path) -> bool {
        self.is_local() && path.is_absolute()
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
            let engine = answers::Engine::new(move |request| {
                let answer = match request {
                    r if r.contains(silent) => return None,
                    r if r.contains("/version") => answers::VERSION,
                    r if r.contains("/containers/json") => r#"[{"Id": "a", "Names": ["/api-1"]}]"#,
                    _ => "{}",
                };
                Some((Duration::ZERO, answer.to_owned()))
            });
            let docker = engine.docker();
            let ask = || async {
                docker.engine_info().await?;
                let all = docker.list().await?;
                docker.inspect(all).await
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
