//! What Docker does for the [`Platform`] trait: on compose projects container by container, in a swarm
//! service by service.

use std::collections::HashMap;

use async_trait::async_trait;
use bollard::models::{LocalNodeState, SwarmInfo};
use bollard::query_parameters::ListServicesOptionsBuilder;
use chrono::{DateTime, Utc};

use crate::base::settings::DockerPlatform;
use crate::clients::ClientError;
use crate::clients::platform::docker::{Docker, SYSTEM, prompt};
use crate::clients::platform::{Change, Instance, Platform, ServiceChange, ServiceKind};

/// What stands in front of the names of a stack's services.
pub(crate) const STACK: &str = "com.docker.stack.namespace";

impl Docker {
    /// Whether the system's services are a swarm's.
    pub(super) async fn in_swarm(&self) -> Result<bool, ClientError> {
        let found = self.swarm.get_or_try_init(|| async {
            match self.platform {
                DockerPlatform::Compose => Ok(false),
                DockerPlatform::Swarm => no_manager(&self.swarm_info().await?).map_or(Ok(true), Err),
                DockerPlatform::Auto => self.detect().await,
            }
        });
        found.await.copied()
    }

    /// A swarm it is where this engine manages one that has services of the project's name.
    async fn detect(&self) -> Result<bool, ClientError> {
        let Some(project) = self.project() else { return Ok(false) };
        let why = no_manager(&self.swarm_info().await?);
        let Some(why) = why else {
            let filters = HashMap::from([("label", vec![format!("{STACK}={project}")])]);
            let options = ListServicesOptionsBuilder::default().filters(&filters).build();
            let found = prompt(self.engine().await?.list_services(Some(options))).await?;
            return Ok(!found.is_empty());
        };
        // Another node's tasks run here: to take them for containers of compose would be wrong.
        let task = self.list().await?.into_iter().any(|b| b.swarm && b.project.as_deref() == Some(project));
        if task { Err(why) } else { Ok(false) }
    }

    async fn swarm_info(&self) -> Result<SwarmInfo, ClientError> {
        let info = prompt(self.engine().await?.info()).await?;
        Ok(info.swarm.unwrap_or_default())
    }
}

/// Why this engine cannot be asked for a swarm's services.
fn no_manager(info: &SwarmInfo) -> Option<ClientError> {
    let why = match info.local_node_state {
        Some(LocalNodeState::ACTIVE) if info.control_available == Some(true) => return None,
        Some(LocalNodeState::ACTIVE) => {
            let managers: Vec<String> =
                info.remote_managers.iter().flatten().filter_map(|m| m.addr.clone()).collect();
            let of = if managers.is_empty() { String::new() } else { format!(" ({})", managers.join(", ")) };
            format!("this engine is no manager of its swarm: docker.host must name one{of}")
        }
        Some(LocalNodeState::LOCKED) => "this engine's swarm is locked: docker swarm unlock".to_owned(),
        Some(LocalNodeState::PENDING) => "this engine has not joined its swarm yet".to_owned(),
        Some(LocalNodeState::ERROR) => {
            format!(
                "this engine's swarm has failed: {}",
                info.error.as_deref().unwrap_or("no cause is given")
            )
        }
        _ => "this engine is in no swarm: docker.host must name a manager, or docker.platform be compose"
            .to_owned(),
    };
    Some(ClientError::failed(SYSTEM, why))
}

#[async_trait]
impl Platform for Docker {
    fn last_words(&self, name: &str) -> String {
        format!("{} logs --tail 50 {name}", self.cli())
    }

    fn listing(&self, service: &str) -> String {
        format!("{} ps -a --filter name={service}", self.cli())
    }

    async fn unit(&self, service: &str) -> Result<ServiceKind, ClientError> {
        if self.in_swarm().await? { self.whole(service).await } else { Ok(ServiceKind::Instance) }
    }

    async fn instances(&self, service: Option<&str>) -> Result<Vec<Instance>, ClientError> {
        if self.in_swarm().await? { self.tasks_of(service).await } else { self.containers_of(service).await }
    }

    async fn resized_at(&self, service: &str) -> Result<Option<DateTime<Utc>>, ClientError> {
        if self.in_swarm().await? { self.resized_service(service).await } else { Ok(None) }
    }

    async fn resize(&self, service: &str, to: u32) -> Result<Vec<Change>, ClientError> {
        if self.in_swarm().await? {
            return self.resize_service(service, to).await;
        }
        self.resize_containers(service, to).await
    }

    async fn roll(&self, service: &str) -> Result<Vec<Change>, ClientError> {
        if self.in_swarm().await? { self.roll_service(service).await } else { Ok(Vec::new()) }
    }

    fn calls(&self, change: &Change) -> Vec<String> {
        match change {
            Change::Stop(name) => vec![format!("POST /containers/{name}/stop")],
            Change::Start(name) => vec![format!("POST /containers/{name}/start")],
            Change::Remove(name) => vec![format!("DELETE /containers/{name}")],
            Change::Add(a) => {
                let create = format!("POST /containers/create?name={} (like {})", a.name, a.like);
                let connect = a.networks.iter().map(|n| format!("POST /networks/{n}/connect ({})", a.name));
                std::iter::once(create).chain(connect).collect()
            }
            Change::Service(change) => vec![call(change)],
        }
    }

    async fn apply(&self, change: &Change) -> Result<(), ClientError> {
        match change {
            Change::Service(change) => self.change_service(change).await,
            other => self.change_container(other).await,
        }
    }
}

/// The version is the one that the service has then: a step before may change it.
fn call(change: &ServiceChange) -> String {
    let ServiceChange { id, service, version, to } = change;
    format!("POST /services/{id}/update?version={version} ({service}: {to})")
}
