//! Which of the containers, images and networks nobody uses, by what the engine says of them.

use std::collections::{HashMap, HashSet};

use bollard::models::{
    ContainerInspectResponse, ContainerSummary, ContainerSummaryStateEnum, ImageSummary, MountPoint, Network,
    RestartPolicyNameEnum,
};
use chrono::{DateTime, Utc};

use crate::clients::platform::InstanceRef;
use crate::clients::platform::docker::containers::{PROJECT, container_ref, instant};
use crate::clients::platform::docker::unused::{KEEP, Kind, Unused};

/// Networks that the engine makes by itself.
const PREDEFINED: [&str; 5] = ["bridge", "host", "none", "ingress", "docker_gwbridge"];
/// Labels of what an orchestrator looks after: it keeps what has ended for its history, and removes it.
const ORCHESTRATORS: [&str; 2] = ["com.docker.swarm.", "io.kubernetes."];

/// A container, and what it holds on to.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) container: InstanceRef,
    pub(crate) ended: bool,
    /// The id of its image.
    pub(crate) image: String,
    /// Names and ids of its networks.
    pub(crate) networks: HashSet<String>,
    pub(crate) labels: HashMap<String, String>,
    /// Whether it has a volume, named or not: removed, nothing would tell any more whose data that is.
    pub(crate) volume: bool,
}

impl From<ContainerSummary> for Held {
    fn from(mut summary: ContainerSummary) -> Self {
        use ContainerSummaryStateEnum::{DEAD, EXITED};
        let settings = summary.network_settings.take().and_then(|s| s.networks).unwrap_or_default();
        let ids = settings.values().filter_map(|s| s.network_id.clone()).filter(|id| !id.is_empty());
        Self {
            ended: matches!(summary.state, Some(EXITED | DEAD)),
            image: summary.image_id.clone().unwrap_or_default(),
            networks: ids.chain(settings.keys().cloned()).collect(),
            labels: summary.labels.clone().unwrap_or_default(),
            volume: summary.mounts.as_deref().is_some_and(has_volume),
            container: container_ref(summary),
        }
    }
}

/// Whether one of a container's mounts is a volume.
pub(crate) fn has_volume(mounts: &[MountPoint]) -> bool {
    mounts.iter().any(|m| matches!(m.typ.as_deref(), Some("volume" | "cluster")))
}

pub(crate) struct Rules<'a> {
    pub(crate) before: DateTime<Utc>,
    /// Only what bears this label.
    pub(crate) label: Option<&'a str>,
    /// Compose projects of which anything has not ended, and the configured one.
    pub(crate) live: HashSet<String>,
    /// Compose projects that have any container, and the configured one.
    pub(crate) projects: HashSet<String>,
}

impl<'a> Rules<'a> {
    /// The rules where these containers are all there are.
    pub(crate) fn new(
        held: &[Held],
        configured: Option<&str>,
        before: DateTime<Utc>,
        label: Option<&'a str>,
    ) -> Self {
        let of = |wanted: fn(&&Held) -> bool| {
            let labelled = held.iter().filter(wanted).filter_map(|h| h.container.project.clone());
            labelled.chain(configured.map(str::to_owned)).collect()
        };
        Self { before, label, live: of(|h| !h.ended), projects: of(|_| true) }
    }

    /// Whether its labels let it go, where these projects are in use.
    fn may_go(&self, labels: &HashMap<String, String>, projects: &HashSet<String>) -> bool {
        let foreign = |key: &String| ORCHESTRATORS.iter().any(|o| key.starts_with(o));
        let in_use = labels.get(PROJECT).is_some_and(|p| projects.contains(p));
        bears(labels, self.label) && !in_use && !labels.contains_key(KEEP) && !labels.keys().any(foreign)
    }

    fn is_old(&self, unix: i64) -> bool {
        DateTime::from_timestamp(unix, 0).is_some_and(|at| at <= self.before)
    }

    /// Whether a container may go, as far as the list of all tells. Of a compose project only what
    /// `compose run` made: a stack that was stopped as a whole is one that somebody will start again,
    /// and compose's own restart policy, `no`, does not say so.
    pub(crate) fn container(&self, held: &Held) -> bool {
        let of_a_service = held.labels.contains_key(PROJECT) && !held.container.one_off;
        held.ended && !of_a_service && !held.volume && self.may_go(&held.labels, &self.live)
    }

    /// Whether the project of something that bears these labels has any container.
    pub(crate) fn is_of_a_project(&self, labels: &HashMap<String, String>) -> bool {
        labels.get(PROJECT).is_some_and(|p| self.projects.contains(p))
    }

    /// Whether an image may go, without regard to its children. What belongs to nobody's project is
    /// asked of images, too: compose labels those that it builds.
    pub(crate) fn image(&self, image: &ImageSummary, stay: &[&Held]) -> bool {
        is_nameless(image)
            && self.is_old(image.created)
            && self.may_go(&image.labels, &self.projects)
            && !stay.iter().any(|h| h.image == image.id)
    }

    /// Whether a network may go: one that any container has stays, also when that container goes in the
    /// same run.
    pub(crate) fn network(&self, network: &Network, all: &[Held]) -> bool {
        let (name, id) = (network.name.as_deref().unwrap_or_default(), network.id.as_deref());
        let own = PREDEFINED.contains(&name) || network.ingress == Some(true);
        let local = network.scope.as_deref() == Some("local") && network.config_only != Some(true);
        let member = |h: &Held| h.networks.contains(name) || id.is_some_and(|id| h.networks.contains(id));
        !own && local
            && id.is_some()
            && instant(network.created.as_deref()).is_some_and(|at| at <= self.before)
            && self.may_go(network.labels.as_ref().unwrap_or(&HashMap::new()), &self.projects)
            && !all.iter().any(member)
    }
}

/// Whether a label (`KEY` or `KEY=VALUE`) is among these; without one, always.
pub(crate) fn bears(labels: &HashMap<String, String>, label: Option<&str>) -> bool {
    match label.map(|l| l.split_once('=').ok_or(l)) {
        None => true,
        Some(Ok((key, value))) => labels.get(key).is_some_and(|v| v == value),
        Some(Err(key)) => labels.contains_key(key),
    }
}

/// Whether a tag or digest says that there is none.
pub(crate) fn is_nothing(tag: &str) -> bool {
    tag.starts_with("<none>")
}

/// Whether an image has neither a tag nor a registry's digest: by the digest it can be run as well, and a
/// tag that has moved on leaves it to the version before.
pub(crate) fn is_nameless(image: &ImageSummary) -> bool {
    image.repo_tags.iter().chain(&image.repo_digests).all(|name| is_nothing(name))
}

/// Whether an image has had no name since before an instant. The engine does not say when one lost its
/// name: so somebody must have seen it nameless by then, and nobody may have named it since.
pub(crate) fn was_nameless(
    seen: Option<DateTime<Utc>>,
    named: Option<DateTime<Utc>>,
    before: DateTime<Utc>,
) -> bool {
    seen.is_some_and(|seen| seen <= before && named.is_none_or(|named| named <= seen))
}

/// Whether a container ended before an instant, and the engine would not start it again: one that has
/// such a policy is a service that somebody has stopped.
pub(crate) fn is_over(answer: &ContainerInspectResponse, before: DateTime<Utc>) -> bool {
    use RestartPolicyNameEnum::{ALWAYS, ON_FAILURE, UNLESS_STOPPED};
    let state = answer.state.as_ref();
    let finished = instant(state.and_then(|s| s.finished_at.as_deref()));
    // One that is dead may never have come to an end of its own.
    let at = finished.or_else(|| instant(answer.created.as_deref()));
    let policy = answer.host_config.as_ref().and_then(|h| h.restart_policy.as_ref()?.name);
    at.is_some_and(|at| at <= before) && !matches!(policy, Some(ALWAYS | UNLESS_STOPPED | ON_FAILURE))
}

/// Those of the images whose children all go, too, children first.
pub(crate) fn without_children<'a>(
    all: &[ImageSummary],
    mut go: Vec<&'a ImageSummary>,
) -> Vec<&'a ImageSummary> {
    let mut ordered: Vec<&ImageSummary> = Vec::new();
    loop {
        let gone = |id: &str| ordered.iter().any(|o| o.id == id);
        let free = |i: &&ImageSummary| !all.iter().any(|c| c.parent_id == i.id && !gone(&c.id));
        let (next, rest): (Vec<_>, Vec<_>) = go.into_iter().partition(free);
        if next.is_empty() {
            return ordered;
        }
        ordered.extend(next);
        go = rest;
    }
}

/// An image as something unused.
pub(crate) fn image(image: &ImageSummary) -> Unused {
    let hex = image.id.strip_prefix("sha256:").unwrap_or(&image.id);
    let name = hex.chars().take(12).collect();
    Unused { kind: Kind::Image, id: image.id.clone(), name, bytes: u64::try_from(image.size).ok() }
}

/// A network as something unused.
pub(crate) fn network(network: &Network) -> Unused {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    Unused { kind: Kind::Network, id: text(&network.id), name: text(&network.name), bytes: None }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
