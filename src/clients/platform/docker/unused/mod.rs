//! Unused Docker objects: ended containers, untagged images and networks without containers. Each is
//! listed and removed by its id, one at a time. Volumes are never removed.

mod rules;

use std::collections::HashMap;

use bollard::models::{ContainerInspectResponse, ImageInspect, ImageSummary};
use bollard::query_parameters::{
    InspectContainerOptionsBuilder, InspectNetworkOptions, ListContainersOptionsBuilder,
    ListImagesOptionsBuilder, ListNetworksOptions, RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder,
};
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::clients::platform::Platform;
use crate::clients::platform::docker::containers::instant;
use crate::clients::platform::docker::{Docker, slow};
use crate::clients::{ClientError, ErrorCode};
use crate::model::Consented;
use rules::{ContainerUse, Rules};

/// Objects with this label stay, whatever its value.
pub const KEEP: &str = "ordctl.keep";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    Container,
    Image,
    Network,
}

impl ObjectKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Image => "image",
            Self::Network => "network",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unused {
    pub kind: ObjectKind,
    pub id: String,
    /// Its name, or the short id of an image.
    pub(crate) name: String,
    /// Bytes: the writable layer of a container, or all layers of an image, shared ones included. None for a
    /// network.
    pub(crate) bytes: Option<u64>,
}

/// The outcome of a removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemovalOutcome {
    Removed,
    /// Something else had removed it.
    Vanished,
    /// It is in use again and stays; with the reason.
    InUse(String),
}

/// Ids of untagged images, and when a run last observed each of them untagged.
pub type UntaggedSince = HashMap<String, DateTime<Utc>>;

/// When an image was last tagged, if ever.
fn last_tagged(image: &ImageInspect) -> Option<DateTime<Utc>> {
    instant(image.metadata.as_ref().and_then(|m| m.last_tag_time.as_deref()))
}

impl Docker {
    /// The ids of all images with neither a tag nor a digest, used or not. With a label (`KEY` or `KEY=VALUE`)
    /// only images that have it.
    pub async fn untagged_images(&self, label: Option<&str>) -> Result<Vec<String>, ClientError> {
        let wanted = |i: &ImageSummary| rules::is_untagged(i) && rules::has_label(&i.labels, label);
        Ok(self.images().await?.into_iter().filter(wanted).map(|i| i.id).collect())
    }

    /// The objects that have been unused since `before`, in the order in which they can be removed. With a
    /// label (`KEY` or `KEY=VALUE`) only objects that have it.
    ///
    /// * A container has ended, and belongs to no configured service, orchestrator or compose project (except
    ///   one-off containers of a project in which nothing runs). It has no volume and no restart policy.
    /// * An image has neither a tag nor a digest and was not tagged since a run observed it `untagged`. No
    ///   container and no child image that stays uses it.
    /// * A network has no container, running or not, and belongs neither to the engine nor to a compose
    ///   project that has containers.
    pub async fn unused(
        &self,
        before: DateTime<Utc>,
        label: Option<&str>,
        untagged: &UntaggedSince,
    ) -> Result<Vec<Unused>, ClientError> {
        let containers = self.container_uses().await?;
        let rules = Rules::new(&containers, self.project(), before, label);
        let mut found = Vec::new();
        for ended in containers.iter().filter(|c| rules.container(c) && !self.has_service(c)) {
            found.extend(self.ended_container(ended, before).await?);
        }
        let removed = |c: &ContainerUse| found.iter().any(|f: &Unused| f.id == c.container.id);
        let remaining: Vec<&ContainerUse> = containers.iter().filter(|c| !removed(c)).collect();
        found.extend(self.unused_images(&rules, &remaining, untagged).await?);
        let options = None::<ListNetworksOptions>;
        let networks = slow(self.engine().await?.list_networks(options)).await?;
        found.extend(networks.iter().filter(|n| rules.network(n, &containers)).map(rules::network));
        Ok(found)
    }

    /// The exact API call that removes an object.
    pub(crate) fn removal_call(&self, object: &Unused) -> String {
        let id = &object.id;
        match object.kind {
            ObjectKind::Container => format!("DELETE /containers/{id}?v=false&force=false&link=false"),
            ObjectKind::Image => format!("DELETE /images/{id}?force=false&noprune=true"),
            ObjectKind::Network => format!("DELETE /networks/{id}"),
        }
    }

    /// Removes an object, after checking once more that it has been unused since `before`.
    pub async fn remove(
        &self,
        object: &Unused,
        before: DateTime<Utc>,
        _: &Consented,
    ) -> Result<RemovalOutcome, ClientError> {
        let engine = self.engine().await?;
        let done = async {
            if let Some(reason) = self.reason_to_keep(object, before).await? {
                return Ok(RemovalOutcome::InUse(reason));
            }
            match object.kind {
                ObjectKind::Container => {
                    let options =
                        RemoveContainerOptionsBuilder::default().v(false).force(false).link(false).build();
                    slow(engine.remove_container(&object.id, Some(options))).await
                }
                ObjectKind::Image => {
                    // noprune: its parents are listed themselves, or stay.
                    let options = RemoveImageOptionsBuilder::default().force(false).noprune(true).build();
                    slow(engine.remove_image(&object.id, Some(options), None)).await.map(drop)
                }
                ObjectKind::Network => slow(engine.remove_network(&object.id)).await,
            }?;
            Ok(RemovalOutcome::Removed)
        };
        match done.await {
            Err(ClientError::Failed { code: Some(ErrorCode::Http(404)), .. }) => Ok(RemovalOutcome::Vanished),
            // 403 for a network with containers, 409 for the others.
            Err(ClientError::Failed { code: Some(ErrorCode::Http(403 | 409)), message, .. }) => {
                Ok(RemovalOutcome::InUse(message))
            }
            other => other,
        }
    }

    /// Whether a container belongs to a configured service.
    fn has_service(&self, used: &ContainerUse) -> bool {
        self.services.keys().any(|service| self.is_member(&used.container, service))
    }

    /// Why an object must stay, by the present state of the engine.
    async fn reason_to_keep(
        &self,
        object: &Unused,
        before: DateTime<Utc>,
    ) -> Result<Option<String>, ClientError> {
        let engine = self.engine().await?;
        let id = object.id.as_str();
        let containers = self.container_uses().await?;
        let rules = Rules::new(&containers, self.project(), before, None);
        if object.kind == ObjectKind::Container {
            let answer = self.inspect_sized(id, false).await?;
            let state = answer.state.as_ref().and_then(|s| s.status).map(|s| s.to_string());
            let state = state.unwrap_or_default();
            if !matches!(state.as_str(), "exited" | "dead") {
                return Ok(Some(format!("it is {state}")));
            }
            if !rules::ended_before(&answer, before) {
                return Ok(Some("it has run since, or has a restart policy".to_owned()));
            }
            let own = containers.iter().find(|c| c.container.id == id);
            let stays = own.is_some_and(|c| !rules.container(c) || self.has_service(c));
            return Ok(stays.then(|| "it belongs to a service or project in use".to_owned()));
        }
        // A container that was never started lists its networks by name only.
        let by_name =
            |c: &ContainerUse| object.kind == ObjectKind::Network && c.networks.contains(&object.name);
        let user = containers.iter().find(|c| c.image == id || c.networks.contains(id) || by_name(c));
        if let Some(user) = user {
            return Ok(Some(format!("{} uses it", user.container.name)));
        }
        let project = |labels: Option<HashMap<String, String>>| {
            rules
                .is_in_live_project(&labels.unwrap_or_default())
                .then(|| "its project has containers".to_owned())
        };
        if object.kind == ObjectKind::Network {
            let answer = slow(engine.inspect_network(id, None::<InspectNetworkOptions>)).await?;
            return Ok(project(answer.labels));
        }
        let answer = slow(engine.inspect_image(id)).await?;
        let tagged_since = last_tagged(&answer).is_some_and(|at| at > before);
        let tags = answer.repo_tags.into_iter().chain(answer.repo_digests).flatten();
        let tag = tags.into_iter().find(|t| !rules::is_none_tag(t));
        let reason = tag.map(|tag| format!("it is tagged {tag} now"));
        let reason = reason.or_else(|| tagged_since.then(|| "it was tagged since".to_owned()));
        Ok(reason.or_else(|| project(answer.config.and_then(|c| c.labels))))
    }

    async fn container_uses(&self) -> Result<Vec<ContainerUse>, ClientError> {
        let options = ListContainersOptionsBuilder::default().all(true).build();
        let all = slow(self.engine().await?.list_containers(Some(options))).await?;
        Ok(all.into_iter().map(ContainerUse::from).collect())
    }

    async fn inspect_sized(&self, id: &str, size: bool) -> Result<ContainerInspectResponse, ClientError> {
        let options = InspectContainerOptionsBuilder::default().size(size).build();
        slow(self.engine().await?.inspect_container(id, Some(options))).await
    }

    /// A container, if it ended before an instant.
    async fn ended_container(
        &self,
        used: &ContainerUse,
        before: DateTime<Utc>,
    ) -> Result<Option<Unused>, ClientError> {
        let answer = match self.inspect_sized(&used.container.id, true).await {
            Ok(answer) => answer,
            Err(e) if e.http_status() == Some(404) => return Ok(None),
            Err(e) => return Err(e),
        };
        let bytes = answer.size_rw.and_then(|n| u64::try_from(n).ok());
        let ended = rules::ended_before(&answer, before);
        let (id, name) = (used.container.id.clone(), used.container.name.clone());
        Ok(ended.then_some(Unused { kind: ObjectKind::Container, id, name, bytes }))
    }

    async fn images(&self) -> Result<Vec<ImageSummary>, ClientError> {
        let options = ListImagesOptionsBuilder::default().all(true).build();
        slow(self.engine().await?.list_images(Some(options))).await
    }

    async fn unused_images(
        &self,
        rules: &Rules<'_>,
        remaining: &[&ContainerUse],
        untagged: &UntaggedSince,
    ) -> Result<Vec<Unused>, ClientError> {
        let (engine, all) = (self.engine().await?, self.images().await?);
        let mut old = Vec::new();
        for image in all.iter().filter(|i| rules.image(i, remaining)) {
            match slow(engine.inspect_image(&image.id)).await {
                Ok(answer) => {
                    if rules::was_untagged(
                        untagged.get(&image.id).copied(),
                        last_tagged(&answer),
                        rules.before,
                    ) {
                        old.push(image);
                    }
                }
                Err(e) if e.http_status() == Some(404) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(rules::without_children(&all, old).into_iter().map(rules::image).collect())
    }
}
