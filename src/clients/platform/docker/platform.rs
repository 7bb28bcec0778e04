//! [`Platform`] for Docker: a compose project changes container by container, a swarm stack service by
//! service.

use std::collections::HashMap;
use std::path::PathBuf;

use async_trait::async_trait;
use bollard::models::{LocalNodeState, SwarmInfo};
use bollard::query_parameters::ListServicesOptionsBuilder;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use tokio::sync::{Notify, mpsc};

use crate::base::settings::DockerPlatform;
use crate::clients::ClientError;
use crate::clients::platform::docker::labels::is_member;
use crate::clients::platform::docker::log_size::is_bounded;
use crate::clients::platform::docker::{Docker, SYSTEM, prompt};
use crate::clients::platform::{
    Batch, Change, HintCommands, Instance, InstanceDetails, InstanceRef, LineFilter, LineSink, LogSize,
    Platform, ResourceUsage, ServiceChange, ServiceKind,
};
use crate::model::Consented;

/// The label that names a stack.
pub(crate) const STACK: &str = "com.docker.stack.namespace";

impl Docker {
    pub(super) async fn in_swarm(&self) -> Result<bool, ClientError> {
        let found = self.swarm.get_or_try_init(|| async {
            match self.platform {
                DockerPlatform::Compose => Ok(false),
                DockerPlatform::Swarm => manager_error(&self.swarm_info().await?).map_or(Ok(true), Err),
                DockerPlatform::Auto => self.detect().await,
            }
        });
        found.await.copied()
    }

    /// Whether this engine manages a swarm that has services of the project.
    async fn detect(&self) -> Result<bool, ClientError> {
        let Some(project) = self.project() else { return Ok(false) };
        let Some(error) = manager_error(&self.swarm_info().await?) else {
            let filters = HashMap::from([("label", vec![format!("{STACK}={project}")])]);
            let options = ListServicesOptionsBuilder::default().filters(&filters).build();
            let found = prompt(self.engine().await?.list_services(Some(options))).await?;
            return Ok(!found.is_empty());
        };
        // Tasks of the stack run here, so this is a worker node and no compose project.
        let mut containers = self.containers().await?.into_iter();
        let is_worker = containers.any(|c| c.managed && c.project.as_deref() == Some(project));
        if is_worker { Err(error) } else { Ok(false) }
    }

    async fn swarm_info(&self) -> Result<SwarmInfo, ClientError> {
        let info = prompt(self.engine().await?.info()).await?;
        Ok(info.swarm.unwrap_or_default())
    }
}

/// Why this engine cannot list the services of a swarm.
fn manager_error(info: &SwarmInfo) -> Option<ClientError> {
    let message = match info.local_node_state {
        Some(LocalNodeState::ACTIVE) if info.control_available == Some(true) => return None,
        Some(LocalNodeState::ACTIVE) => {
            let managers: Vec<String> =
                info.remote_managers.iter().flatten().filter_map(|m| m.addr.clone()).collect();
            let of = if managers.is_empty() { String::new() } else { format!(" ({})", managers.join(", ")) };
            format!("this engine is not a manager of its swarm: set docker.host to a manager{of}")
        }
        Some(LocalNodeState::LOCKED) => {
            "the swarm of this engine is locked: run docker swarm unlock".to_owned()
        }
        Some(LocalNodeState::PENDING) => "this engine has not joined its swarm yet".to_owned(),
        Some(LocalNodeState::ERROR) => {
            format!(
                "the swarm of this engine has failed: {}",
                info.error.as_deref().unwrap_or("no cause given")
            )
        }
        _ => "this engine is not in a swarm: set docker.host to a manager, or docker.platform to compose"
            .to_owned(),
    };
    Some(ClientError::failed(SYSTEM, message))
}

#[async_trait]
impl Platform for Docker {
    fn address(&self) -> &str {
        &self.endpoint.url
    }

    fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    fn is_local(&self) -> bool {
        self.endpoint.is_local()
    }

    async fn data_dir(&self) -> Result<Option<PathBuf>, ClientError> {
        if !self.endpoint.is_local() {
            return Ok(None);
        }
        Ok(Some(self.engine_info().await?.root.into()))
    }

    fn commands(&self) -> &dyn HintCommands {
        &self.endpoint.cli
    }

    fn is_member(&self, instance: &InstanceRef, service: &str) -> bool {
        is_member(instance, service, self.services.get(service), self.project())
    }

    fn is_selected(&self, instance: &InstanceRef) -> bool {
        let project = self.project();
        if self.services.is_empty() {
            return project.is_none() || instance.project.as_deref() == project;
        }
        self.services.keys().any(|service| self.is_member(instance, service))
    }

    async fn list(&self) -> Result<Vec<InstanceRef>, ClientError> {
        self.containers().await
    }

    async fn list_with_replaced(&self) -> Result<Vec<InstanceRef>, ClientError> {
        self.containers_with_replaced().await
    }

    async fn inspect(&self, instances: Vec<InstanceRef>) -> Result<Vec<InstanceDetails>, ClientError> {
        self.inspect_containers(instances).await
    }

    async fn usage(&self, instance: &InstanceRef) -> Result<Option<ResourceUsage>, ClientError> {
        self.container_usage(instance).await
    }

    fn log_size(&self, instance: &InstanceDetails) -> LogSize {
        LogSize { bytes: self.log_bytes(instance), bounded: is_bounded(&instance.log) }
    }

    async fn read_log_into(
        &self,
        instance: &InstanceDetails,
        since: DateTime<Utc>,
        sink: Box<dyn LineSink>,
    ) -> Result<Box<dyn LineSink>, ClientError> {
        self.read_container_log(instance, since, sink).await
    }

    async fn stream_log(
        &self,
        instance: &InstanceDetails,
        since: DateTime<Utc>,
        last: Option<usize>,
        filter: Box<dyn LineFilter>,
        to: mpsc::Sender<Batch>,
    ) -> Result<(), ClientError> {
        self.stream_container_log(instance, since, last, filter, to).await
    }

    async fn follow_log(
        &self,
        instance: &InstanceDetails,
        since: DateTime<Utc>,
        filter: Box<dyn LineFilter>,
        to: mpsc::Sender<Batch>,
        restarted: &Notify,
    ) -> Result<(), ClientError> {
        self.follow_container_log(instance, since, filter, to, restarted).await
    }

    async fn watch_starts(
        &self,
        since: DateTime<Utc>,
    ) -> Result<BoxStream<'static, Result<String, ClientError>>, ClientError> {
        self.container_starts(since).await
    }

    async fn service_kind(&self, service: &str) -> Result<ServiceKind, ClientError> {
        if self.in_swarm().await? { self.managed_service(service).await } else { Ok(ServiceKind::Instance) }
    }

    async fn instances(&self, service: Option<&str>) -> Result<Vec<Instance>, ClientError> {
        if self.in_swarm().await? {
            self.tasks_of(service).await
        } else {
            self.compose_instances(service).await
        }
    }

    async fn resized_at(&self, service: &str) -> Result<Option<DateTime<Utc>>, ClientError> {
        if self.in_swarm().await? { self.service_resized_at(service).await } else { Ok(None) }
    }

    async fn plan_resize(&self, service: &str, to: u32) -> Result<Vec<Change>, ClientError> {
        if self.in_swarm().await? {
            return self.plan_service_resize(service, to).await;
        }
        self.plan_container_resize(service, to).await
    }

    async fn plan_rollout(&self, service: &str) -> Result<Vec<Change>, ClientError> {
        if self.in_swarm().await? { self.plan_service_rollout(service).await } else { Ok(Vec::new()) }
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
            Change::Service(change) => vec![service_call(change)],
        }
    }

    async fn apply(&self, change: &Change, _: &Consented) -> Result<(), ClientError> {
        match change {
            Change::Service(change) => self.change_service(change).await,
            other => self.change_container(other).await,
        }
    }
}

/// The version in the plan is the present one; an earlier step may raise it.
fn service_call(change: &ServiceChange) -> String {
    let ServiceChange { id, service, version, to } = change;
    format!("POST /services/{id}/update?version={version} ({service}: {to})")
}
