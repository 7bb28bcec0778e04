//! Services of a compose project: each container is made, started, stopped and removed by itself.

use bollard::models::NetworkConnectRequest;
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, InspectContainerOptions, RemoveContainerOptionsBuilder,
    StartContainerOptions,
};

use crate::clients::ClientError;
use crate::clients::platform::docker::replica;
use crate::clients::platform::docker::replica::Replica;
use crate::clients::platform::docker::{Brief, Docker, SYSTEM, explain, prompt};
use crate::clients::platform::{Addition, Change, Instance};

impl Docker {
    /// Whether a container belongs to the system: to one of its services, or to its project.
    fn is_ours(&self, brief: &Brief, service: Option<&str>) -> bool {
        if brief.swarm {
            return false;
        }
        let project = self.project();
        let of = |name: &str| brief.is_of(name, self.services.get(name), project);
        match service {
            Some(service) => of(service),
            None if project.is_some() => !brief.oneoff && brief.project.as_deref() == project,
            None => self.services.keys().any(|name| of(name)),
        }
    }

    /// The container that further ones are made after.
    async fn model(&self, name: &str) -> Result<Replica, ClientError> {
        let engine = self.engine().await?;
        let answer = prompt(engine.inspect_container(name, None::<InspectContainerOptions>)).await?;
        let wanted = answer.config.as_ref().and_then(|c| c.image.clone()).unwrap_or_default();
        // Its tag may stand for another image by now: then only the id means the same one.
        let image = match engine.inspect_image(&wanted).await {
            Ok(found) if found.id == answer.image => Some(wanted),
            _ => answer.image.clone(),
        };
        Replica::of(answer, image.unwrap_or_default())
    }

    async fn add(&self, addition: &Addition) -> Result<(), ClientError> {
        let engine = self.engine().await?;
        let (body, further) = self.model(&addition.like).await?.make(addition);
        let options = CreateContainerOptionsBuilder::default().name(&addition.name).build();
        engine.create_container(Some(options), body).await.map_err(|e| explain(&e))?;
        for (network, settings) in further {
            let request =
                NetworkConnectRequest { container: addition.name.clone(), endpoint_config: Some(settings) };
            engine.connect_network(&network, request).await.map_err(|e| explain(&e))?;
        }
        Ok(())
    }

    /// The containers of a service, or of the whole project, by number and name.
    pub(super) async fn containers_of(&self, service: Option<&str>) -> Result<Vec<Instance>, ClientError> {
        let all = self.list().await?.into_iter().filter(|b| self.is_ours(b, service)).collect();
        let mut found: Vec<Instance> = self.inspect(all).await?.into_iter().map(Instance::from).collect();
        found.sort_by(|a, b| (a.number, &a.name).cmp(&(b.number, &b.name)));
        Ok(found)
    }

    /// What has to be done so that so many containers of a service run.
    pub(super) async fn resize_containers(&self, service: &str, to: u32) -> Result<Vec<Change>, ClientError> {
        let found = self.containers_of(Some(service)).await?;
        let (mut changes, missing) = replica::steps(&found, to);
        if missing == 0 {
            return Ok(changes);
        }
        let Some(like) = found.iter().find(|i| i.runs()).or(found.first()) else {
            let message = format!("there is no container of {service} that another could be made after");
            return Err(ClientError::failed(SYSTEM, message));
        };
        let model = self.model(&like.name).await?;
        let taken: Vec<String> = self.list().await?.into_iter().map(|b| b.name).collect();
        for addition in model.additions(&found, missing, &taken)? {
            let name = addition.name.clone();
            changes.extend([Change::Add(addition), Change::Start(name)]);
        }
        Ok(changes)
    }

    pub(super) async fn change_container(&self, change: &Change) -> Result<(), ClientError> {
        let engine = self.engine().await?;
        let done = match change {
            Change::Stop(name) => return self.stop(name).await,
            Change::Start(name) => engine.start_container(name, None::<StartContainerOptions>).await,
            Change::Remove(name) => {
                let options = RemoveContainerOptionsBuilder::default().v(false).force(false).build();
                engine.remove_container(name, Some(options)).await
            }
            Change::Add(addition) => return self.add(addition).await,
            Change::Service(_) => {
                return Err(ClientError::failed(SYSTEM, "a compose project has no such service"));
            }
        };
        // That it has stopped, or runs, already is no error to the library.
        done.map_err(|e| explain(&e))
    }
}
