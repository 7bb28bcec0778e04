//! Services of a compose project. This module creates, starts, stops and removes each container.

use bollard::models::NetworkConnectRequest;
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, InspectContainerOptions, RemoveContainerOptionsBuilder,
    StartContainerOptions,
};

use crate::clients::ClientError;
use crate::clients::platform::docker::replica;
use crate::clients::platform::docker::replica::Replica;
use crate::clients::platform::docker::{Docker, SYSTEM, prompt, slow};
use crate::clients::platform::{Addition, Change, Instance, InstanceRef, Platform};

impl Docker {
    /// Whether a container belongs to a service; without one, to the project or a configured service.
    fn is_compose_member(&self, container: &InstanceRef, service: Option<&str>) -> bool {
        if container.managed {
            return false;
        }
        let project = self.project();
        match service {
            Some(service) => self.is_member(container, service),
            None if project.is_some() => !container.one_off && container.project.as_deref() == project,
            None => self.services.keys().any(|name| self.is_member(container, name)),
        }
    }

    /// The configuration of a container, for copies of it.
    async fn template(&self, name: &str) -> Result<Replica, ClientError> {
        let engine = self.engine().await?;
        let answer = prompt(engine.inspect_container(name, None::<InspectContainerOptions>)).await?;
        let wanted = answer.config.as_ref().and_then(|c| c.image.clone()).unwrap_or_default();
        // The tag may have moved to another image since; then the id is used.
        let image = match prompt(engine.inspect_image(&wanted)).await {
            Ok(found) if found.id == answer.image => Some(wanted),
            _ => answer.image.clone(),
        };
        Replica::new(answer, image.unwrap_or_default())
    }

    async fn add(&self, addition: &Addition) -> Result<(), ClientError> {
        let engine = self.engine().await?;
        let (body, other_networks) = self.template(&addition.like).await?.create_body(addition);
        let options = CreateContainerOptionsBuilder::default().name(&addition.name).build();
        slow(engine.create_container(Some(options), body)).await?;
        for (network, settings) in other_networks {
            let request =
                NetworkConnectRequest { container: addition.name.clone(), endpoint_config: Some(settings) };
            slow(engine.connect_network(&network, request)).await?;
        }
        Ok(())
    }

    /// The containers of a service, or of the project, by number and name.
    pub(super) async fn compose_instances(
        &self,
        service: Option<&str>,
    ) -> Result<Vec<Instance>, ClientError> {
        let mut all = self.containers().await?;
        all.retain(|c| self.is_compose_member(c, service));
        let all = self.inspect_containers(all).await?;
        let mut found: Vec<Instance> = all.into_iter().map(Instance::from).collect();
        found.sort_by(|a, b| (a.number, &a.name).cmp(&(b.number, &b.name)));
        Ok(found)
    }

    pub(super) async fn plan_container_resize(
        &self,
        service: &str,
        to: u32,
    ) -> Result<Vec<Change>, ClientError> {
        let found = self.compose_instances(Some(service)).await?;
        let (mut changes, missing) = replica::resize(&found, to);
        if missing == 0 {
            return Ok(changes);
        }
        let Some(like) = found.iter().find(|i| i.is_running()).or(found.first()) else {
            let message = format!("{service} has no container to copy");
            return Err(ClientError::failed(SYSTEM, message));
        };
        let template = self.template(&like.name).await?;
        let taken: Vec<String> = self.containers().await?.into_iter().map(|c| c.name).collect();
        for addition in template.additions(&found, missing, &taken)? {
            let name = addition.name.clone();
            changes.extend([Change::Add(addition), Change::Start(name)]);
        }
        Ok(changes)
    }

    pub(super) async fn change_container(&self, change: &Change) -> Result<(), ClientError> {
        let engine = self.engine().await?;
        // The library treats a container that has stopped or started already as success.
        match change {
            Change::Stop(name) => return self.stop_container(name).await,
            Change::Start(name) => slow(engine.start_container(name, None::<StartContainerOptions>)).await,
            Change::Remove(name) => {
                let options = RemoveContainerOptionsBuilder::default().v(false).force(false).build();
                slow(engine.remove_container(name, Some(options))).await
            }
            Change::Add(addition) => return self.add(addition).await,
            Change::Service(_) => {
                Err(ClientError::failed(SYSTEM, "a compose project has no managed services"))
            }
        }
    }
}
