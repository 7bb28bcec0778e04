//! The rules by which containers, images and networks are unused.

use std::collections::{HashMap, HashSet};

use bollard::models::{
    ContainerInspectResponse, ContainerSummary, ContainerSummaryStateEnum, ImageSummary, MountPoint, Network,
    RestartPolicyNameEnum,
};
use chrono::{DateTime, Utc};

use crate::clients::platform::InstanceRef;
use crate::clients::platform::docker::containers::{PROJECT, container_ref, instant};
use crate::clients::platform::docker::unused::{KEEP, ObjectKind, Unused};

/// Networks that the engine creates by itself.
const PREDEFINED: [&str; 5] = ["bridge", "host", "none", "ingress", "docker_gwbridge"];
/// Label prefixes of orchestrators, which keep ended containers for their history and remove them.
const ORCHESTRATORS: [&str; 2] = ["com.docker.swarm.", "io.kubernetes."];

/// A container and the objects that it uses.
#[derive(Debug, Default)]
pub(super) struct ContainerUse {
    pub(crate) container: InstanceRef,
    pub(crate) ended: bool,
    /// The id of its image.
    pub(crate) image: String,
    /// Names and ids of its networks.
    pub(crate) networks: HashSet<String>,
    pub(crate) labels: HashMap<String, String>,
    /// Whether it has a volume. Without the container, the owner of an anonymous volume would be lost.
    pub(crate) volume: bool,
}

impl From<ContainerSummary> for ContainerUse {
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

pub(crate) fn has_volume(mounts: &[MountPoint]) -> bool {
    mounts.iter().any(|m| matches!(m.typ.as_deref(), Some("volume" | "cluster")))
}

pub(super) struct Rules<'a> {
    pub(crate) before: DateTime<Utc>,
    /// Only objects with this label.
    pub(crate) label: Option<&'a str>,
    /// Compose projects with a container that has not ended, and the configured one.
    pub(crate) live: HashSet<String>,
    /// Compose projects with any container, and the configured one.
    pub(crate) projects: HashSet<String>,
}

impl<'a> Rules<'a> {
    /// `containers` are all containers of the engine.
    pub(crate) fn new(
        containers: &[ContainerUse],
        configured: Option<&str>,
        before: DateTime<Utc>,
        label: Option<&'a str>,
    ) -> Self {
        let of = |wanted: fn(&&ContainerUse) -> bool| {
            let labelled = containers.iter().filter(wanted).filter_map(|c| c.container.project.clone());
            labelled.chain(configured.map(str::to_owned)).collect()
        };
        Self { before, label, live: of(|c| !c.ended), projects: of(|_| true) }
    }

    /// Whether the labels permit a removal while these projects are in use.
    fn is_removable(&self, labels: &HashMap<String, String>, projects: &HashSet<String>) -> bool {
        let orchestrated = |key: &String| ORCHESTRATORS.iter().any(|o| key.starts_with(o));
        let in_use = labels.get(PROJECT).is_some_and(|p| projects.contains(p));
        has_label(labels, self.label)
            && !in_use
            && !labels.contains_key(KEEP)
            && !labels.keys().any(orchestrated)
    }

    fn is_old(&self, unix: i64) -> bool {
        DateTime::from_timestamp(unix, 0).is_some_and(|at| at <= self.before)
    }

    /// Whether a container is unused, as far as the list of containers tells. Of a compose project only
    /// one-off containers are: a stopped stack is usually started again, although its restart policy is `no`.
    pub(crate) fn container(&self, used: &ContainerUse) -> bool {
        let in_service = used.labels.contains_key(PROJECT) && !used.container.one_off;
        used.ended && !in_service && !used.volume && self.is_removable(&used.labels, &self.live)
    }

    /// Whether an object with these labels belongs to a project that has containers.
    pub(crate) fn is_in_live_project(&self, labels: &HashMap<String, String>) -> bool {
        labels.get(PROJECT).is_some_and(|p| self.projects.contains(p))
    }

    /// Whether an image is unused, apart from its children. Projects matter for images, too: compose labels
    /// those that it builds.
    pub(crate) fn image(&self, image: &ImageSummary, remaining: &[&ContainerUse]) -> bool {
        is_untagged(image)
            && self.is_old(image.created)
            && self.is_removable(&image.labels, &self.projects)
            && !remaining.iter().any(|c| c.image == image.id)
    }

    /// Whether a network is unused. A container counts even if it is removed in the same run.
    pub(crate) fn network(&self, network: &Network, all: &[ContainerUse]) -> bool {
        let (name, id) = (network.name.as_deref().unwrap_or_default(), network.id.as_deref());
        let predefined = PREDEFINED.contains(&name) || network.ingress == Some(true);
        let local = network.scope.as_deref() == Some("local") && network.config_only != Some(true);
        let member =
            |h: &ContainerUse| h.networks.contains(name) || id.is_some_and(|id| h.networks.contains(id));
        !predefined
            && local
            && id.is_some()
            && instant(network.created.as_deref()).is_some_and(|at| at <= self.before)
            && self.is_removable(network.labels.as_ref().unwrap_or(&HashMap::new()), &self.projects)
            && !all.iter().any(member)
    }
}

/// Whether the labels contain `KEY` or `KEY=VALUE`; true without a label.
pub(super) fn has_label(labels: &HashMap<String, String>, label: Option<&str>) -> bool {
    match label.map(|l| l.split_once('=').ok_or(l)) {
        None => true,
        Some(Ok((key, value))) => labels.get(key).is_some_and(|v| v == value),
        Some(Err(key)) => labels.contains_key(key),
    }
}

/// `<none>:<none>` and `<none>@<none>`.
pub(super) fn is_none_tag(tag: &str) -> bool {
    tag.starts_with("<none>")
}

/// Whether an image has neither a tag nor a digest. An image with a digest can still be run by it: a pull of
/// a newer version leaves the previous one with its digest only.
pub(super) fn is_untagged(image: &ImageSummary) -> bool {
    image.repo_tags.iter().chain(&image.repo_digests).all(|name| is_none_tag(name))
}

/// Whether an image has been untagged since `before`. The engine does not record when an image lost its tag,
/// so a run must have observed it untagged by then, and nothing may have tagged it since.
pub(super) fn was_untagged(
    observed: Option<DateTime<Utc>>,
    tagged: Option<DateTime<Utc>>,
    before: DateTime<Utc>,
) -> bool {
    observed.is_some_and(|observed| observed <= before && tagged.is_none_or(|tagged| tagged <= observed))
}

/// Whether a container ended before an instant and has no restart policy. One with a policy is a service
/// that was stopped.
pub(super) fn ended_before(answer: &ContainerInspectResponse, before: DateTime<Utc>) -> bool {
    use RestartPolicyNameEnum::{ALWAYS, ON_FAILURE, UNLESS_STOPPED};
    let state = answer.state.as_ref();
    let finished = instant(state.and_then(|s| s.finished_at.as_deref()));
    // A dead container may have no finish time.
    let at = finished.or_else(|| instant(answer.created.as_deref()));
    let policy = answer.host_config.as_ref().and_then(|h| h.restart_policy.as_ref()?.name);
    at.is_some_and(|at| at <= before) && !matches!(policy, Some(ALWAYS | UNLESS_STOPPED | ON_FAILURE))
}

/// The unused images whose children are all unused, too; children first.
pub(super) fn without_children<'a>(
    all: &[ImageSummary],
    mut unused: Vec<&'a ImageSummary>,
) -> Vec<&'a ImageSummary> {
    let mut ordered: Vec<&ImageSummary> = Vec::new();
    loop {
        let removed = |id: &str| ordered.iter().any(|o| o.id == id);
        let free = |i: &&ImageSummary| !all.iter().any(|c| c.parent_id == i.id && !removed(&c.id));
        let (next, rest): (Vec<_>, Vec<_>) = unused.into_iter().partition(free);
        if next.is_empty() {
            return ordered;
        }
        ordered.extend(next);
        unused = rest;
    }
}

pub(crate) fn image(image: &ImageSummary) -> Unused {
    let hex = image.id.strip_prefix("sha256:").unwrap_or(&image.id);
    let name = hex.chars().take(12).collect();
    Unused { kind: ObjectKind::Image, id: image.id.clone(), name, bytes: u64::try_from(image.size).ok() }
}

pub(crate) fn network(network: &Network) -> Unused {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    Unused { kind: ObjectKind::Network, id: text(&network.id), name: text(&network.name), bytes: None }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
