//! The Docker engine that runs the services.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::base::secret::SecretUrl;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Docker {
    /// Whether the services run in Docker; default: whether `host`, `context`, `project` or `services` is set.
    pub(crate) enabled: Option<bool>,
    /// `unix:///var/run/docker.sock` or `tcp://host:2376`; wins over `context`.
    pub host: Option<SecretUrl>,
    /// A context of the docker command; default: its current context, else `/var/run/docker.sock`.
    pub(crate) context: Option<String>,
    /// A directory with `ca.pem`, `cert.pem` and `key.pem`: a `tcp://` host is reached with TLS.
    pub(crate) cert_path: Option<PathBuf>,
    /// Allow `tcp://` without TLS to other machines. Anyone on that network can then take over the engine.
    pub(crate) allow_plain_tcp: bool,
    /// The compose project or swarm stack; default: any.
    pub(crate) project: Option<String>,
    /// Whether the services are compose containers or swarm services.
    pub(crate) platform: DockerPlatform,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DockerPlatform {
    /// A swarm if the engine manages one with a stack of the project's name, else compose.
    #[default]
    Auto,
    Compose,
    Swarm,
}
