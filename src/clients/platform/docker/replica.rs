//! A further container of a compose service, made after one that is there: the same image,
//! variables, mounts, networks and labels, with a name and a number of its own. So `docker-compose`
//! takes it for one that it has made itself.

use std::collections::HashMap;

use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, EndpointSettings, HostConfig, NetworkingConfig,
};
use serde_json::Value;

use crate::clients::ClientError;
use crate::clients::platform::docker::SYSTEM;
use crate::clients::platform::docker::containers::NUMBER;
use crate::clients::platform::{Addition, Change, Instance};

/// What further containers are made after.
pub(crate) struct Replica {
    name: String,
    /// The id's first characters: the engine's own name for it.
    short: String,
    project: String,
    service: String,
    body: ContainerCreateBody,
    networks: Vec<(String, EndpointSettings)>,
}

/// What is done with the containers that are there so that `to` of them run, and how many are
/// missing then. The highest numbers go first, and what has stopped is started before others are made.
pub(crate) fn steps(found: &[Instance], to: u32) -> (Vec<Change>, u32) {
    let to = usize::try_from(to).unwrap_or(usize::MAX);
    let (running, resting): (Vec<&Instance>, Vec<&Instance>) = found.iter().partition(|i| i.runs());
    let extra = running.iter().rev().take(running.len().saturating_sub(to));
    let mut changes: Vec<Change> =
        extra.flat_map(|i| [Change::Stop(i.name.clone()), Change::Remove(i.name.clone())]).collect();
    let wanted = to.saturating_sub(running.len());
    // One that restarts in a loop or is paused needs somebody to look at it.
    let idle: Vec<&&Instance> =
        resting.iter().filter(|i| matches!(i.state.as_str(), "exited" | "created")).take(wanted).collect();
    changes.extend(idle.iter().map(|i| Change::Start(i.name.clone())));
    (changes, u32::try_from(wanted - idle.len()).unwrap_or(u32::MAX))
}

impl Replica {
    /// Reads a container; `image` is what stands for its very image.
    pub(crate) fn of(answer: ContainerInspectResponse, image: String) -> Result<Self, ClientError> {
        let name = answer.name.unwrap_or_default().trim_start_matches('/').to_owned();
        let short: String = answer.id.unwrap_or_default().chars().take(12).collect();
        let no = |why: &str| Err(ClientError::failed(SYSTEM, format!("{name} cannot have a copy: {why}")));
        let config = json(&answer.config)?;
        let mut body: ContainerCreateBody = typed(config)?;
        let labels = body.labels.get_or_insert_default();
        let label = |key: &str| labels.get(key).cloned();
        let (project, service) = (label("com.docker.compose.project"), label("com.docker.compose.service"));
        let (Some(project), Some(service)) = (project, service) else {
            return no("it has no labels of docker-compose");
        };
        let mine = name.strip_prefix(&project).and_then(|r| r.strip_prefix(['-', '_']));
        if mine.and_then(|r| r.strip_prefix(&service)).is_none() {
            return no("its name is fixed (container_name)");
        }
        let host = answer.host_config.unwrap_or_default();
        if let Some(port) = fixed_port(&host) {
            return no(&format!("it publishes port {port} of the host"));
        }
        let networks = answer.network_settings.and_then(|n| n.networks).unwrap_or_default();
        let address = |e: &EndpointSettings| {
            e.ipam_config.as_ref().is_some_and(|i| i.ipv4_address.is_some() || i.ipv6_address.is_some())
        };
        if networks.values().any(address) {
            return no("its address is fixed");
        }
        // The engine gives each container its id as a hostname, unless it was told another.
        body.hostname = body.hostname.filter(|h| *h != short);
        body.image = Some(image);
        let mut networks: Vec<(String, EndpointSettings)> = networks.into_iter().collect();
        // The one that it was made with comes first.
        let first = host.network_mode.clone().unwrap_or_default();
        networks.sort_by(|a, b| (a.0 != first, &a.0).cmp(&(b.0 != first, &b.0)));
        if ["host", "none"].contains(&first.as_str()) || first.starts_with("container:") {
            networks.clear();
        }
        body.host_config = Some(host);
        Ok(Self { name, short, project, service, body, networks })
    }

    /// Names and numbers of so many more.
    pub(crate) fn additions(
        &self,
        found: &[Instance],
        missing: u32,
        taken: &[String],
    ) -> Result<Vec<Addition>, ClientError> {
        // As compose itself separates them: its first version with `_`, the second with `-`.
        let mark = self.name[self.project.len()..].chars().next().unwrap_or('-');
        // A number that was given before is not given again while a later one is there.
        let highest = found.iter().filter_map(|i| i.number).max().unwrap_or(0);
        let numbers = highest.saturating_add(1)..=highest.saturating_add(missing);
        let networks: Vec<String> = self.networks.iter().skip(1).map(|(n, _)| n.clone()).collect();
        let additions = numbers.map(|number| {
            let name = format!("{}{mark}{}{mark}{number}", self.project, self.service);
            if taken.contains(&name) {
                let message = format!("another container is named {name}");
                return Err(ClientError::failed(SYSTEM, message));
            }
            Ok(Addition { like: self.name.clone(), name, number, networks: networks.clone() })
        });
        additions.collect()
    }

    /// What the engine is given to make it, and the networks it joins afterwards.
    pub(crate) fn make(&self, addition: &Addition) -> (ContainerCreateBody, Vec<(String, EndpointSettings)>) {
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

    /// Its names on a network, with those that were the model's own put into its own.
    fn endpoint(&self, model: &EndpointSettings, addition: &Addition) -> EndpointSettings {
        let aliases = model.aliases.iter().flatten().filter(|a| **a != self.short);
        let own = |a: &String| if *a == self.name { addition.name.clone() } else { a.clone() };
        EndpointSettings {
            aliases: Some(aliases.map(own).collect()),
            links: model.links.clone(),
            driver_opts: model.driver_opts.clone(),
            ..EndpointSettings::default()
        }
    }
}

/// A port of the host that only one container can have.
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
