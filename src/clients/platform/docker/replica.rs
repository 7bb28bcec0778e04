//! Another container of a compose service, copied from an existing one: the same image, variables,
//! mounts, networks and labels, with a name and a number of its own, so that `docker compose` treats it
//! as its own.

use std::collections::HashMap;

use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, EndpointSettings, HostConfig, NetworkingConfig,
};
use serde_json::Value;

use crate::clients::ClientError;
use crate::clients::platform::docker::SYSTEM;
use crate::clients::platform::docker::containers::NUMBER;
use crate::clients::platform::{Addition, Change, Instance};

/// The container that copies are made from.
pub(super) struct Replica {
    name: String,
    /// The first characters of its id, which the engine uses as hostname and alias.
    short_id: String,
    project: String,
    service: String,
    body: ContainerCreateBody,
    networks: Vec<(String, EndpointSettings)>,
}

/// The changes of existing containers after which at most `to` run, and how many are then missing.
/// The highest numbers are removed first; stopped containers are started before new ones are created.
pub(super) fn resize(found: &[Instance], to: u32) -> (Vec<Change>, u32) {
    let to = usize::try_from(to).unwrap_or(usize::MAX);
    let (running, stopped): (Vec<&Instance>, Vec<&Instance>) = found.iter().partition(|i| i.is_running());
    let extra = running.iter().rev().take(running.len().saturating_sub(to));
    let mut changes: Vec<Change> =
        extra.flat_map(|i| [Change::Stop(i.name.clone()), Change::Remove(i.name.clone())]).collect();
    let wanted = to.saturating_sub(running.len());
    // A paused container, or one in a restart loop, is left for an operator.
    let idle: Vec<&&Instance> =
        stopped.iter().filter(|i| matches!(i.state.as_str(), "exited" | "created")).take(wanted).collect();
    changes.extend(idle.iter().map(|i| Change::Start(i.name.clone())));
    (changes, u32::try_from(wanted - idle.len()).unwrap_or(u32::MAX))
}

impl Replica {
    /// `image` is a tag or id of the image that the container runs.
    pub(super) fn new(answer: ContainerInspectResponse, image: String) -> Result<Self, ClientError> {
        let name = answer.name.unwrap_or_default().trim_start_matches('/').to_owned();
        let short_id: String = answer.id.unwrap_or_default().chars().take(12).collect();
        let refuse = |why: &str| Err(ClientError::failed(SYSTEM, format!("cannot copy {name}: {why}")));
        let config = json(&answer.config)?;
        let mut body: ContainerCreateBody = typed(config)?;
        let labels = body.labels.get_or_insert_default();
        let label = |key: &str| labels.get(key).cloned();
        let (project, service) = (label("com.docker.compose.project"), label("com.docker.compose.service"));
        let (Some(project), Some(service)) = (project, service) else {
            return refuse("it has no labels of docker compose");
        };
        let own_part = name.strip_prefix(&project).and_then(|r| r.strip_prefix(['-', '_']));
        if own_part.and_then(|r| r.strip_prefix(&service)).is_none() {
            return refuse("its name is fixed (container_name)");
        }
        let host = answer.host_config.unwrap_or_default();
        if let Some(port) = fixed_port(&host) {
            return refuse(&format!("it publishes the fixed host port {port}"));
        }
        let networks = answer.network_settings.and_then(|n| n.networks).unwrap_or_default();
        let address = |e: &EndpointSettings| {
            e.ipam_config.as_ref().is_some_and(|i| i.ipv4_address.is_some() || i.ipv6_address.is_some())
        };
        if networks.values().any(address) {
            return refuse("its address is fixed");
        }
        // The default hostname is the short id; a copy gets its own.
        body.hostname = body.hostname.filter(|h| *h != short_id);
        body.image = Some(image);
        let mut networks: Vec<(String, EndpointSettings)> = networks.into_iter().collect();
        // The network that it was created with comes first.
        let first = host.network_mode.clone().unwrap_or_default();
        networks.sort_by(|a, b| (a.0 != first, &a.0).cmp(&(b.0 != first, &b.0)));
        if ["host", "none"].contains(&first.as_str()) || first.starts_with("container:") {
            networks.clear();
        }
        body.host_config = Some(host);
        Ok(Self { name, short_id, project, service, body, networks })
    }

    /// Names and numbers for `missing` copies.
    pub(super) fn additions(
        &self,
        found: &[Instance],
        missing: u32,
        taken: &[String],
    ) -> Result<Vec<Addition>, ClientError> {
        // Compose v1 separates with `_`, v2 with `-`.
        let separator = self.name[self.project.len()..].chars().next().unwrap_or('-');
        // Numbers only count up, as compose does it.
        let highest = found.iter().filter_map(|i| i.number).max().unwrap_or(0);
        let numbers = highest.saturating_add(1)..=highest.saturating_add(missing);
        let networks: Vec<String> = self.networks.iter().skip(1).map(|(n, _)| n.clone()).collect();
        let additions = numbers.map(|number| {
            let name = format!("{}{separator}{}{separator}{number}", self.project, self.service);
            if taken.contains(&name) {
                let message = format!("cannot add container {name}: another container has this name");
                return Err(ClientError::failed(SYSTEM, message));
            }
            Ok(Addition { like: self.name.clone(), name, number, networks: networks.clone() })
        });
        additions.collect()
    }

    /// The body of the create request, and the networks to connect afterwards.
    pub(super) fn create_body(
        &self,
        addition: &Addition,
    ) -> (ContainerCreateBody, Vec<(String, EndpointSettings)>) {
        let mut body = self.body.clone();
        let labels = body.labels.get_or_insert_default();
        labels.insert(NUMBER.to_owned(), addition.number.to_string());
        let mut networks = self.networks.iter().map(|(n, e)| (n.clone(), self.endpoint(e, addition)));
        if let Some(first) = networks.next() {
            let endpoints_config = Some(HashMap::from([first]));
            body.networking_config = Some(NetworkingConfig { endpoints_config });
        }
        (body, networks.collect())
    }

    /// Network settings of a copy: its own name in place of that of the original.
    fn endpoint(&self, original: &EndpointSettings, addition: &Addition) -> EndpointSettings {
        let aliases = original.aliases.iter().flatten().filter(|a| **a != self.short_id);
        let renamed = |a: &String| if *a == self.name { addition.name.clone() } else { a.clone() };
        EndpointSettings {
            aliases: Some(aliases.map(renamed).collect()),
            links: original.links.clone(),
            driver_opts: original.driver_opts.clone(),
            ..EndpointSettings::default()
        }
    }
}

/// A host port that only one container can publish.
fn fixed_port(host: &HostConfig) -> Option<String> {
    let bindings = host.port_bindings.iter().flat_map(HashMap::values).flatten().flatten();
    let ports = bindings.filter_map(|b| b.host_port.clone());
    ports.into_iter().find(|p| !p.is_empty() && p != "0")
}

fn json(config: &Option<bollard::models::ContainerConfig>) -> Result<Value, ClientError> {
    serde_json::to_value(config.clone().unwrap_or_default()).map_err(|e| ClientError::failed(SYSTEM, e))
}

fn typed(config: Value) -> Result<ContainerCreateBody, ClientError> {
    serde_json::from_value(config).map_err(|e| ClientError::failed(SYSTEM, e))
}

#[cfg(test)]
#[path = "replica_tests.rs"]
mod tests;
