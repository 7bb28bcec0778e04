//! Contexts of the docker command: `config.json` names the current one, `contexts/meta/ID/meta.json`
//! holds its host and `contexts/tls/ID/docker/` its certificates. ID is the SHA-256 of the name.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::base::plain_file;
use crate::clients::ClientError;
use crate::clients::platform::docker::endpoint::{DEFAULT_HOST, TlsFiles};

/// The docker endpoint of a context.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Context {
    pub(super) url: String,
    pub(super) tls: Option<TlsFiles>,
}

#[derive(Deserialize)]
struct ConfigFile {
    #[serde(default, rename = "currentContext")]
    current_context: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    #[serde(default)]
    endpoints: Endpoints,
}

#[derive(Default, Deserialize)]
struct Endpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerEndpoint {
    #[serde(default)]
    host: String,
    #[serde(default, rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

/// The current context in a configuration directory of the docker command, if it names one.
pub(super) fn current_context(dir: &Path) -> Result<Option<String>, ClientError> {
    let config: Option<ConfigFile> = read_json(&dir.join("config.json"))?;
    Ok(config.map(|c| c.current_context).filter(|name| !name.is_empty()))
}

impl Context {
    pub(super) fn load(dir: Option<&Path>, name: &str) -> Result<Self, ClientError> {
        let refuse = |message: String| Err(ClientError::misconfigured("docker.context", message));
        let Some(dir) = dir else {
            return refuse(format!("cannot look up context {name}: neither HOME nor DOCKER_CONFIG is set"));
        };
        let contexts = dir.join("contexts");
        let id = context_id(name);
        let meta: Option<Meta> = read_json(&contexts.join("meta").join(&id).join("meta.json"))?;
        let Some(meta) = meta else {
            return refuse(format!(
                "there is no context {name} in {}; docker context ls lists them",
                dir.display()
            ));
        };
        let Some(endpoint) = meta.endpoints.docker else {
            return refuse(format!("context {name} has no docker endpoint"));
        };
        if endpoint.skip_tls_verify {
            return refuse(format!(
                "context {name} skips the verification of certificates, which is not supported"
            ));
        }
        let tls = contexts.join("tls").join(&id).join("docker");
        let url = if endpoint.host.is_empty() { DEFAULT_HOST.to_owned() } else { endpoint.host };
        Ok(Self { url, tls: tls.is_dir().then(|| TlsFiles::in_dir(&tls)) })
    }
}

fn context_id(name: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, name.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// None where there is no such file.
fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, ClientError> {
    let wrong = |e: &dyn std::fmt::Display| {
        ClientError::misconfigured("docker.context", format!("{}: {e}", path.display()))
    };
    match plain_file::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|e| wrong(&e)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(wrong(&e)),
    }
}
