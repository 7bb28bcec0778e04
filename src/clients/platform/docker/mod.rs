//! Docker: containers of compose projects, services of swarm stacks, their logs, and the engine's disk use.

mod api;
mod cli;
mod compose;
mod connection;
mod containers;
mod context;
mod discover;
mod disk_usage;
mod endpoint;
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

use futures_util::{Stream, StreamExt};
use indexmap::IndexMap;
use serde::Serialize;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::base::settings::{DockerPlatform, Service, Settings};
use crate::clients::ClientError;

pub(crate) use cli::Cli;
pub(crate) use disk_usage::{DiskUsage, ReclaimableSpace, UnusedVolume, Usage};
use endpoint::{DockerEnv, Endpoint};
use error::{explain, hangs};
pub use unused::{KEEP, ObjectKind, RemovalOutcome, UntaggedSince, Unused};

/// The system's name in findings and errors.
pub(crate) const SYSTEM: &str = "docker";

/// Seconds that the libraries wait for an answer. Every call has a shorter limit of its own: [`prompt`],
/// [`slow`], or that of stopping a container.
const LIBRARY_LIMIT: u64 = 600;

/// A working engine answers questions about itself and its containers within this time.
const PROMPT: Duration = Duration::from_secs(10);

/// For calls that take a working engine longer.
const SLOW: Duration = Duration::from_secs(300);

pub struct Docker {
    endpoint: Endpoint,
    project: Option<String>,
    services: IndexMap<String, Service>,
    engine: OnceCell<bollard::Docker>,
    platform: DockerPlatform,
    /// Whether the services are those of a swarm, once known.
    swarm: OnceCell<bool>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Engine {
    /// Stays the same as long as the engine keeps its data directory.
    pub(crate) id: String,
    pub(crate) version: String,
    /// The negotiated API version.
    pub(crate) api: String,
    /// The data directory on the engine's machine.
    pub(crate) root: String,
}

impl Docker {
    /// Reads the settings; connects to nothing.
    pub fn new(settings: &Settings) -> Result<Self, ClientError> {
        if !settings.docker_configured() {
            let settings = "services, docker.project, docker.host or docker.context";
            return Err(ClientError::not_configured(SYSTEM, settings));
        }
        let endpoint = Endpoint::resolve(&settings.docker, &DockerEnv::read())?;
        let project = settings.docker.project.clone();
        let services = settings.services.clone();
        let platform = settings.docker.platform;
        let (engine, swarm) = (OnceCell::new(), OnceCell::new());
        Ok(Self { endpoint, project, services, engine, platform, swarm })
    }

    /// The docker command that reaches this engine.
    pub(crate) fn cli(&self) -> &Cli {
        &self.endpoint.cli
    }

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

    pub(crate) async fn ping(&self) -> Result<(), ClientError> {
        prompt(self.engine().await?.ping()).await.map(drop)
    }

    /// A client with the negotiated API version.
    async fn engine(&self) -> Result<&bollard::Docker, ClientError> {
        let connect = || async {
            let engine = self.endpoint.library_client()?;
            engine.negotiate_version().await.map_err(|e| self.endpoint.with_hint(explain(&e)))
        };
        // Of concurrent callers only one connects, and the others wait no longer than it does.
        let engine = timeout(PROMPT, self.engine.get_or_try_init(connect)).await;
        engine.unwrap_or_else(|_| Err(self.endpoint.with_hint(hangs(PROMPT))))
    }

    /// Whether a path of the engine's machine can be read here.
    fn can_read(&self, path: &Path) -> bool {
        self.endpoint.is_local() && path.is_absolute()
    }
}

/// A call that a working engine answers promptly.
async fn prompt<T>(call: impl Future<Output = Result<T, bollard::errors::Error>>) -> Result<T, ClientError> {
    within(PROMPT, call).await
}

/// A call that takes a working engine longer: it measures, removes files or sets up a network.
async fn slow<T>(call: impl Future<Output = Result<T, bollard::errors::Error>>) -> Result<T, ClientError> {
    within(SLOW, call).await
}

async fn within<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, bollard::errors::Error>>,
) -> Result<T, ClientError> {
    match timeout(limit, call).await {
        Ok(answer) => answer.map_err(|e| explain(&e)),
        Err(_) => Err(hangs(limit)),
    }
}

/// The next item of a stream that may be quiet for long: the engine must answer a ping meanwhile.
async fn next_or_ping<T>(
    engine: &bollard::Docker,
    stream: &mut (impl Stream<Item = Result<T, bollard::errors::Error>> + Unpin),
) -> Option<Result<T, ClientError>> {
    loop {
        match timeout(PROMPT, stream.next()).await {
            Ok(item) => return item.map(|item| item.map_err(|e| explain(&e))),
            Err(_) => {
                if let Err(error) = prompt(engine.ping()).await {
                    return Some(Err(error));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The socket of a hanging daemon still accepts connections.
    #[tokio::test(start_paused = true)]
    async fn a_hanging_engine_times_out_on_every_call() {
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
