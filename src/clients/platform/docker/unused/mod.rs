//! What nobody uses any more: containers that have ended, images without a name, networks without
//! members. Each is found, told and removed by its id, one at a time; volumes are none of it.

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
use crate::clients::platform::docker::{Docker, explain};
use crate::clients::{ClientError, ErrorCode};
use rules::{Held, Rules};

/// Whatever bears this label stays, whatever its value.
pub const KEEP: &str = "ordctl.keep";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A container that has ended.
    Container,
    /// An image without a name.
    Image,
    Network,
}

impl Kind {
    /// Its name for a person.
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
    pub kind: Kind,
    pub id: String,
    /// Its name; of an image the first characters of its id.
    pub(crate) name: String,
    /// Bytes: of a container what it wrote into itself, of an image all of its layers, also those that
    /// others share. None for a network.
    pub(crate) bytes: Option<u64>,
}

/// What became of something that was to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemovalOutcome {
    /// It is gone by our hand.
    Removed,
    Vanished,
    /// Somebody uses it again, for this reason: it stays.
    InUse(String),
}

/// Ids of images that were seen without a name, and when that was last.
pub type Seen = HashMap<String, DateTime<Utc>>;

/// When an image was named last, if ever.
fn last_named(image: &ImageInspect) -> Option<DateTime<Utc>> {
    instant(image.metadata.as_ref().and_then(|m| m.last_tag_time.as_deref()))
}

impl Docker {
    /// The ids of all images that have neither a tag nor a digest, whoever uses them. With a label (`KEY`
    /// or `KEY=VALUE`) only what bears it.
    pub async fn nameless_images(&self, label: Option<&str>) -> Result<Vec<String>, ClientError> {
        let wanted = |i: &ImageSummary| rules::is_nameless(i) && rules::bears(&i.labels, label);
        Ok(self.images().await?.into_iter().filter(wanted).map(|i| i.id).collect())
    }

    /// Everything that nobody has used since `before`, in the order in which it can be removed. With a
    /// label (`KEY` or `KEY=VALUE`) only what bears it.
    ///
    /// A container has ended by itself or was stopped, belongs to no configured service, to no compose
    /// project (but for what `compose run` made in one of which nothing runs), to no orchestrator, has no
    /// volume, and would not be started again by the engine. An image has no name and no digest, nor had one
    /// since it was `seen` nameless (its id, and when), no container and no child that stays. A network has no member, also none that has ended or goes in the same run, is of
    /// no compose project that has containers, and is none of the engine's own.
    pub async fn unused(
        &self,
        before: DateTime<Utc>,
        label: Option<&str>,
        seen: &Seen,
    ) -> Result<Vec<Unused>, ClientError> {
        let held = self.held().await?;
        let rules = Rules::new(&held, self.project(), before, label);
        let mut found = Vec::new();
        for ended in held.iter().filter(|h| rules.container(h) && !self.serves(h)) {
            found.extend(self.ended(ended, before).await?);
        }
        let stay: Vec<&Held> =
            held.iter().filter(|h| !found.iter().any(|f: &Unused| f.id == h.container.id)).collect();
        found.extend(self.nameless(&rules, &stay, seen).await?);
        let options = None::<ListNetworksOptions>;
        let networks = self.engine().await?.list_networks(options).await.map_err(|e| explain(&e))?;
        found.extend(networks.iter().filter(|n| rules.network(n, &held)).map(rules::network));
        Ok(found)
    }

    /// The exact call that removes it.
    pub(crate) fn removal(&self, what: &Unused) -> String {
        let id = &what.id;
        match what.kind {
            Kind::Container => format!("DELETE /containers/{id}?v=false&force=false&link=false"),
            Kind::Image => format!("DELETE /images/{id}?force=false&noprune=true"),
            Kind::Network => format!("DELETE /networks/{id}"),
        }
    }

    /// Removes it, if it is still there and nobody has used it since `before`, still.
    pub async fn remove(&self, what: &Unused, before: DateTime<Utc>) -> Result<RemovalOutcome, ClientError> {
        let engine = self.engine().await?;
        let done = async {
            if let Some(reason) = self.used_again(what, before).await? {
                return Ok(RemovalOutcome::InUse(reason));
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
            Ok(RemovalOutcome::Removed)
        };
        match done.await {
            Err(ClientError::Failed { code: Some(ErrorCode::Http(404)), .. }) => Ok(RemovalOutcome::Vanished),
            // Docker answers 403 for a network with members, 409 for other objects in use.
            Err(ClientError::Failed { code: Some(ErrorCode::Http(403 | 409)), message, .. }) => {
                Ok(RemovalOutcome::InUse(message))
            }
            other => other,
        }
    }

    /// Whether it is of a configured service.
    fn serves(&self, held: &Held) -> bool {
        self.services.keys().any(|service| self.is_member(&held.container, service))
    }

    /// Why it must stay, by what is there at this moment.
    async fn used_again(&self, what: &Unused, before: DateTime<Utc>) -> Result<Option<String>, ClientError> {
        let engine = self.engine().await?;
        let id = what.id.as_str();
        let held = self.held().await?;
        let rules = Rules::new(&held, self.project(), before, None);
        if what.kind == Kind::Container {
            let answer = self.sized(id, false).await?;
            let state = answer.state.as_ref().and_then(|s| s.status).map(|s| s.to_string());
            let state = state.unwrap_or_default();
            if !matches!(state.as_str(), "exited" | "dead") {
                return Ok(Some(format!("it is {state}")));
            }
            if !rules::is_over(&answer, before) {
                return Ok(Some("it has run since, or shall be started again".to_owned()));
            }
            let own = held.iter().find(|h| h.container.id == id);
            let kept = own.is_some_and(|h| !rules.container(h) || self.serves(h));
            return Ok(kept.then(|| "it is of a service or a project in use".to_owned()));
        }
        // A container that was never started knows its networks by their names only.
        let names = |h: &Held| what.kind == Kind::Network && h.networks.contains(&what.name);
        let user = held.iter().find(|h| h.image == id || h.networks.contains(id) || names(h));
        if let Some(user) = user {
            return Ok(Some(format!("{} uses it", user.container.name)));
        }
        let project = |labels: Option<HashMap<String, String>>| {
            rules
                .is_of_a_project(&labels.unwrap_or_default())
                .then(|| "its project has containers".to_owned())
        };
        if what.kind == Kind::Network {
            let answer = engine.inspect_network(id, None::<InspectNetworkOptions>).await;
            return Ok(project(answer.map_err(|e| explain(&e))?.labels));
        }
        let answer = engine.inspect_image(id).await.map_err(|e| explain(&e))?;
        let since = last_named(&answer).is_some_and(|at| at > before);
        let names = answer.repo_tags.into_iter().chain(answer.repo_digests).flatten();
        let name = names.into_iter().find(|t| !rules::is_nothing(t));
        let named = name.map(|name| format!("it is {name} now"));
        let named = named.or_else(|| since.then(|| "it had a name since".to_owned()));
        Ok(named.or_else(|| project(answer.config.and_then(|c| c.labels))))
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
        let answer = match self.sized(&held.container.id, true).await {
            Ok(answer) => answer,
            Err(e) if e.http_status() == Some(404) => return Ok(None),
            Err(e) => return Err(e),
        };
        let bytes = answer.size_rw.and_then(|n| u64::try_from(n).ok());
        let over = rules::is_over(&answer, before);
        let (id, name) = (held.container.id.clone(), held.container.name.clone());
        Ok(over.then_some(Unused { kind: Kind::Container, id, name, bytes }))
    }

    async fn images(&self) -> Result<Vec<ImageSummary>, ClientError> {
        let options = ListImagesOptionsBuilder::default().all(true).build();
        self.engine().await?.list_images(Some(options)).await.map_err(|e| explain(&e))
    }

    async fn nameless(
        &self,
        rules: &Rules<'_>,
        stay: &[&Held],
        seen: &Seen,
    ) -> Result<Vec<Unused>, ClientError> {
        let (engine, all) = (self.engine().await?, self.images().await?);
        let mut old = Vec::new();
        for image in all.iter().filter(|i| rules.image(i, stay)) {
            match engine.inspect_image(&image.id).await.map_err(|e| explain(&e)) {
                Ok(answer) => {
                    if rules::was_nameless(seen.get(&image.id).copied(), last_named(&answer), rules.before) {
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
