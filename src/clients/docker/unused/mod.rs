//! What nobody uses any more: containers that have ended, images without a name, networks without
//! members. Each is found, told and removed by its id, one at a time; volumes are none of it.

mod choose;

use bollard::models::ContainerInspectResponse;
use bollard::query_parameters::{
    InspectContainerOptionsBuilder, InspectNetworkOptions, ListContainersOptionsBuilder,
    ListImagesOptionsBuilder, ListNetworksOptions, RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder,
};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::containers::instant;
use super::{Docker, explain};
use crate::clients::ClientError;
use choose::{Held, Rules};

/// Whatever bears this label stays, whatever its value.
pub const KEEP: &str = "ordctl.keep";

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A container that has ended.
    Container,
    /// An image without a name.
    Image,
    /// A network without members.
    Network,
}

impl Kind {
    /// Its name for a person.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Image => "image",
            Self::Network => "network",
        }
    }
}

/// Something that nobody uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unused {
    /// What it is.
    pub kind: Kind,
    /// Its whole id.
    pub id: String,
    /// Its name; of an image the first characters of its id.
    pub name: String,
    /// Bytes: of a container what it wrote into itself, of an image all of its layers, also those that
    /// others share. None for a network.
    pub bytes: Option<u64>,
}

/// What became of something that was to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is gone by our hand.
    Removed,
    /// It was gone already.
    Vanished,
    /// Somebody uses it again, for this reason: it stays.
    InUse(String),
}

impl Docker {
    /// Everything that nobody has used since `before`, in the order in which it can be removed. With a
    /// label (`KEY` or `KEY=VALUE`) only what bears it.
    ///
    /// A container has ended by itself or was stopped, belongs to no configured service, to no compose
    /// project of which anything runs, to no orchestrator, and would not be started again by the
    /// engine. An image has no name, no container and no child that stays. A network has no member, also
    /// none that has ended and stays, and is none of the engine's own.
    ///
    /// # Errors
    /// When there is no way to the engine, or it refuses.
    pub async fn unused(
        &self,
        before: DateTime<Utc>,
        label: Option<&str>,
    ) -> Result<Vec<Unused>, ClientError> {
        let held = self.held().await?;
        let own = |h: &Held| self.services.iter().any(|(n, s)| h.brief.is_of(n, Some(s), self.project()));
        let rules = Rules { before, label, projects: choose::projects(&held, self.project()) };
        let mut found = Vec::new();
        for ended in held.iter().filter(|h| rules.container(h) && !own(h)) {
            found.extend(self.ended(ended, before).await?);
        }
        let stay: Vec<&Held> =
            held.iter().filter(|h| !found.iter().any(|f: &Unused| f.id == h.brief.id)).collect();
        found.extend(self.nameless(&rules, &stay).await?);
        let options = None::<ListNetworksOptions>;
        let networks = self.engine().await?.list_networks(options).await.map_err(|e| explain(&e))?;
        found.extend(networks.iter().filter(|n| rules.network(n, &stay)).map(choose::network));
        Ok(found)
    }

    /// The exact call that removes it.
    pub fn removal(&self, what: &Unused) -> String {
        let id = &what.id;
        match what.kind {
            Kind::Container => format!("DELETE /containers/{id}?v=false&force=false&link=false"),
            Kind::Image => format!("DELETE /images/{id}?force=false&noprune=true"),
            Kind::Network => format!("DELETE /networks/{id}"),
        }
    }

    /// Removes it, if it is still there and still nobody uses it.
    ///
    /// # Errors
    /// When there is no way to the engine, or it refuses for another reason than that it is in use.
    pub async fn remove(&self, what: &Unused) -> Result<Fate, ClientError> {
        let engine = self.engine().await?;
        let done = async {
            if let Some(reason) = self.used_again(what).await? {
                return Ok(Fate::InUse(reason));
            }
            match what.kind {
                Kind::Container => {
                    let options =
                        RemoveContainerOptionsBuilder::default().v(false).force(false).link(false).build();
                    engine.remove_container(&what.id, Some(options)).await
                }
                Kind::Image => {
                    // Its parents are in the list themselves, or somebody else's.
                    let options = RemoveImageOptionsBuilder::default().force(false).noprune(true).build();
                    engine.remove_image(&what.id, Some(options), None).await.map(drop)
                }
                Kind::Network => engine.remove_network(&what.id).await,
            }
            .map_err(|e| explain(&e))?;
            Ok(Fate::Removed)
        };
        match done.await {
            Err(ClientError::Failed { code: Some(code), message, .. }) => match code.as_str() {
                "404" => Ok(Fate::Vanished),
                // A network with members is forbidden to remove, the others are a conflict.
                "403" | "409" => Ok(Fate::InUse(message)),
                _ => Err(ClientError::Failed { system: super::SYSTEM, code: Some(code), message }),
            },
            other => other,
        }
    }

    /// Why it must stay, by what is there at this moment.
    async fn used_again(&self, what: &Unused) -> Result<Option<String>, ClientError> {
        let engine = self.engine().await?;
        let id = what.id.as_str();
        if what.kind == Kind::Container {
            let answer = self.sized(id, false).await?;
            let state = answer.state.and_then(|s| s.status).map(|s| s.to_string()).unwrap_or_default();
            return Ok((!matches!(state.as_str(), "exited" | "dead")).then(|| format!("it is {state}")));
        }
        let held = self.held().await?;
        // A container that was never started knows its networks by their names only.
        let names = |h: &Held| what.kind == Kind::Network && h.networks.contains(&what.name);
        let user = held.iter().find(|h| h.image == id || h.networks.contains(id) || names(h));
        if let Some(user) = user {
            return Ok(Some(format!("{} uses it", user.brief.name)));
        }
        if what.kind == Kind::Network {
            let answer = engine.inspect_network(id, None::<InspectNetworkOptions>).await;
            answer.map_err(|e| explain(&e))?;
            return Ok(None);
        }
        let answer = engine.inspect_image(id).await.map_err(|e| explain(&e))?;
        let tag = answer.repo_tags.unwrap_or_default().into_iter().find(|t| !choose::is_nothing(t));
        Ok(tag.map(|tag| format!("it is {tag} now")))
    }

    /// All containers with what they use.
    async fn held(&self) -> Result<Vec<Held>, ClientError> {
        let options = ListContainersOptionsBuilder::default().all(true).build();
        let all = self.engine().await?.list_containers(Some(options)).await.map_err(|e| explain(&e))?;
        Ok(all.into_iter().map(Held::from).collect())
    }

    async fn sized(&self, id: &str, size: bool) -> Result<ContainerInspectResponse, ClientError> {
        let options = InspectContainerOptionsBuilder::default().size(size).build();
        self.engine().await?.inspect_container(id, Some(options)).await.map_err(|e| explain(&e))
    }

    /// A container, if it ended long enough ago for good.
    async fn ended(&self, held: &Held, before: DateTime<Utc>) -> Result<Option<Unused>, ClientError> {
        let answer = match self.sized(&held.brief.id, true).await {
            Ok(answer) => answer,
            Err(ClientError::Failed { code: Some(code), .. }) if code == "404" => return Ok(None),
            Err(e) => return Err(e),
        };
        let bytes = answer.size_rw.and_then(|n| u64::try_from(n).ok());
        let over = choose::is_over(&answer, before);
        let (id, name) = (held.brief.id.clone(), held.brief.name.clone());
        Ok(over.then_some(Unused { kind: Kind::Container, id, name, bytes }))
    }

    async fn nameless(&self, rules: &Rules<'_>, stay: &[&Held]) -> Result<Vec<Unused>, ClientError> {
        let engine = self.engine().await?;
        let options = ListImagesOptionsBuilder::default().all(true).build();
        let all = engine.list_images(Some(options)).await.map_err(|e| explain(&e))?;
        let mut old = Vec::new();
        for image in all.iter().filter(|i| rules.image(i, stay)) {
            // The engine knows when it lost its name only by when it got the last one.
            match engine.inspect_image(&image.id).await.map_err(|e| explain(&e)) {
                Ok(answer) => {
                    let named = answer.metadata.and_then(|m| m.last_tag_time);
                    if instant(named.as_deref()).is_none_or(|at| at <= rules.before) {
                        old.push(image);
                    }
                }
                Err(ClientError::Failed { code: Some(code), .. }) if code == "404" => {}
                Err(e) => return Err(e),
            }
        }
        Ok(choose::without_children(&all, old).into_iter().map(choose::image).collect())
    }
}
