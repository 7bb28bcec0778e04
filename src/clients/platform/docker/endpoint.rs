//! Where the engine is reached, by the rules of the docker command: `docker.host` (DOCKER_HOST), else
//! `docker.context` (DOCKER_CONTEXT), else the current context of the docker command, else the default
//! socket.

use std::path::{Path, PathBuf};

use crate::base::env;
use crate::base::secret::SecretUrl;
use crate::base::settings;
use crate::clients::ClientError;
use crate::clients::http::is_loopback;
use crate::clients::platform::docker::Cli;
use crate::clients::platform::docker::context::{Context, current_context};

pub(super) const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";

/// What the docker command reads from its environment besides its host and context.
#[derive(Clone, Debug, Default)]
pub(super) struct DockerEnv {
    /// Whether DOCKER_TLS_VERIFY is set.
    pub(super) tls_verify: bool,
    /// Whether DOCKER_HOST or DOCKER_CONTEXT is set, so that `docker` alone may reach another engine.
    pub(super) selects_engine: bool,
    /// DOCKER_CONFIG, else `~/.docker`.
    pub(super) config_dir: Option<PathBuf>,
}

impl DockerEnv {
    pub(super) fn read() -> Self {
        let home = || env::read(env::HOME).map(|home| PathBuf::from(home).join(".docker"));
        Self {
            tls_verify: env::read(env::DOCKER_TLS_VERIFY).is_some(),
            selects_engine: [env::DOCKER_HOST, env::DOCKER_CONTEXT].iter().any(|v| env::read(v).is_some()),
            config_dir: env::read(env::DOCKER_CONFIG).map(PathBuf::from).or_else(home),
        }
    }
}

/// The PEM files of a TLS connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TlsFiles {
    /// Default: the authorities of the operating system.
    pub(super) ca: Option<PathBuf>,
    /// The client's certificate and key.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

impl TlsFiles {
    /// The files of a directory that exist.
    pub(super) fn in_dir(dir: &Path) -> Self {
        let file = |name: &str| Some(dir.join(name)).filter(|path| path.exists());
        Self { ca: file("ca.pem"), identity: file("cert.pem").zip(file("key.pem")) }
    }

    fn flags(&self) -> String {
        let flag =
            |name: &str, path: &Path| format!(" --{name} {}", shell_words::quote(&path.to_string_lossy()));
        let ca = self.ca.as_deref().map(|path| flag("tlscacert", path)).unwrap_or_default();
        let identity = self.identity.as_ref();
        let identity = identity.map(|(cert, key)| flag("tlscert", cert) + &flag("tlskey", key));
        format!("--tlsverify{ca}{}", identity.unwrap_or_default())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    Unix(PathBuf),
    /// `host:port`.
    Tcp(String),
    Tls(String, TlsFiles),
}

#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) transport: Transport,
    pub(super) url: String,
    /// The docker command that reaches the same engine.
    pub(super) cli: Cli,
}

impl Endpoint {
    /// Reads the settings and the files of the docker command; connects to nothing.
    pub(super) fn resolve(docker: &settings::Docker, env: &DockerEnv) -> Result<Self, ClientError> {
        let allow_plain = docker.allow_plain_tcp;
        if let Some(url) = docker.host.as_ref().map(SecretUrl::expose) {
            let tls = if url.starts_with("unix:") { None } else { tls_files(docker, env)? };
            let transport = transport("docker.host", url, tls.as_ref(), allow_plain)?;
            let cli = match &transport {
                Transport::Tls(_, files) => Cli::for_host(url, Some(&files.flags())),
                _ if url == DEFAULT_HOST && !another_default(env) => Cli::default(),
                _ => Cli::for_host(url, None),
            };
            return Ok(Self { transport, url: url.to_owned(), cli });
        }
        let dir = env.config_dir.as_deref();
        let name = match &docker.context {
            Some(name) => Some(name.clone()),
            None => dir.map(current_context).transpose()?.flatten(),
        };
        let Some(name) = name.filter(|name| name != "default") else {
            let cli = if another_default(env) { Cli::for_host(DEFAULT_HOST, None) } else { Cli::default() };
            let transport = transport("docker.host", DEFAULT_HOST, None, allow_plain)?;
            return Ok(Self { transport, url: DEFAULT_HOST.to_owned(), cli });
        };
        let Context { url, tls } = Context::load(dir, &name)?;
        let place = format!("docker.context {name}");
        let transport = transport(&place, &url, tls.as_ref(), allow_plain)?;
        Ok(Self { transport, url, cli: Cli::for_context(&name) })
    }

    /// Whether the engine runs on this machine, so that its files may be readable.
    pub(super) fn is_local(&self) -> bool {
        match &self.transport {
            Transport::Unix(_) => true,
            Transport::Tcp(address) | Transport::Tls(address, _) => is_local_address(address),
        }
    }
}

/// Whether `docker` without flags reaches another engine than the default socket.
fn another_default(env: &DockerEnv) -> bool {
    let current = env.config_dir.as_deref().and_then(|dir| current_context(dir).ok().flatten());
    env.selects_engine || current.is_some_and(|name| name != "default")
}

/// The files for a TLS connection to `docker.host`, where one is asked for.
fn tls_files(docker: &settings::Docker, env: &DockerEnv) -> Result<Option<TlsFiles>, ClientError> {
    let dir = match &docker.cert_path {
        Some(dir) => dir,
        None if env.tls_verify => match &env.config_dir {
            Some(dir) => dir,
            None => return Ok(Some(TlsFiles::default())),
        },
        None => return Ok(None),
    };
    if !dir.is_dir() {
        let message = format!("{} is not a directory with ca.pem, cert.pem and key.pem", dir.display());
        return Err(ClientError::misconfigured("docker.cert_path", message));
    }
    let files = TlsFiles::in_dir(dir);
    // Without it any authority that the system trusts could vouch for the engine.
    if files.ca.is_none() {
        let message = format!("{} has no ca.pem", dir.display());
        return Err(ClientError::misconfigured("docker.cert_path", message));
    }
    Ok(Some(files))
}

fn is_local_address(address: &str) -> bool {
    is_loopback(address.rsplit_once(':').map_or(address, |(host, _)| host))
}

fn transport(
    setting: &str,
    url: &str,
    tls: Option<&TlsFiles>,
    allow_plain: bool,
) -> Result<Transport, ClientError> {
    let refuse = |message: String| Err(ClientError::misconfigured(setting, message));
    let (is_path, is_ssh) = (url.starts_with("unix:"), url.starts_with("ssh:"));
    // Docker knows no passwords: one would appear in every hint and help nobody. A path may hold an '@'.
    if !is_ssh && (url.contains('?') || (url.contains('@') && !is_path)) {
        let message = "it holds a user, a password or parameters, which Docker does not use: use tcp://host:port with TLS certificates";
        return refuse(message.to_owned());
    }
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let address = rest.trim_end_matches('/').to_owned();
    match (scheme, tls) {
        ("unix", _) => Ok(Transport::Unix(rest.into())),
        ("tcp" | "https", Some(files)) => Ok(Transport::Tls(address, files.clone())),
        ("https", None) => Ok(Transport::Tls(address, TlsFiles::default())),
        ("tcp" | "http", _) if allow_plain || is_local_address(&address) => Ok(Transport::Tcp(address)),
        ("tcp" | "http", _) => refuse(format!(
            "{url} is not encrypted: set docker.cert_path (DOCKER_CERT_PATH) to use TLS, or docker.allow_plain_tcp: true"
        )),
        ("ssh", _) => {
            let url = SecretUrl::new(url);
            refuse(format!("{url}: ssh is not supported; use TLS, or forward the socket with ssh -L"))
        }
        _ => refuse(format!("'{url}' is neither unix:///path nor tcp://host:port")),
    }
}

#[cfg(test)]
#[path = "endpoint_tests.rs"]
mod tests;
