//! The Docker engine, and what the services on it are.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Docker {
    /// Whether the system runs in Docker; default: whether anything of it is configured.
    pub(crate) enabled: Option<bool>,
    /// `unix:///var/run/docker.sock` (the default) or `tcp://host:2375`.
    pub host: Option<String>,
    /// The compose project whose containers these are, or the swarm's stack; without it, any project's.
    pub(crate) project: Option<String>,
    /// What the services are: containers of a compose project, or services of a swarm.
    pub(crate) platform: DockerPlatform,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DockerPlatform {
    /// A swarm's, where the engine manages one that has a stack of the project's name; else compose's.
    #[default]
    Auto,
    /// Containers of a compose project.
    Compose,
    Swarm,
}
