//! The engine's disk use, counted as `docker system df` does.

use std::collections::HashMap;
use std::time::Duration;

use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::clients::ClientError;
use crate::clients::platform::docker::error::invalid_answer;
use crate::clients::platform::docker::{Docker, SLOW};

/// The newest API version whose answer has this form.
const NEWEST_VERSION: (usize, usize) = (1, 51);

/// Delay between attempts while the engine measures for another client.
const RETRY_DELAY: Duration = Duration::from_millis(250);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct DiskUsage {
    pub(crate) images: Usage,
    /// The writable layers.
    pub(crate) containers: Usage,
    pub(crate) volumes: Usage,
    pub(crate) build_cache: Usage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Usage {
    pub(crate) count: usize,
    /// Objects in use.
    pub(crate) active: usize,
    /// Bytes.
    pub(crate) size: i64,
    /// Bytes of objects that are not in use.
    pub(crate) reclaimable: i64,
}

// Before API 1.44 the engine sends null for an empty list.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    layers_size: i64,
    images: Option<Vec<Image>>,
    containers: Option<Vec<Container>>,
    volumes: Option<Vec<Volume>>,
    build_cache: Option<Vec<Cached>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct ReclaimableSpace {
    /// Bytes by image id that no other image shares.
    pub(crate) images: HashMap<String, u64>,
    /// Volumes without a container, largest first.
    pub(crate) volumes: Vec<UnusedVolume>,
    pub(crate) build_cache: Usage,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct UnusedVolume {
    pub(crate) name: String,
    /// None where the volume driver does not report it.
    pub(crate) bytes: Option<u64>,
    pub(crate) labels: HashMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Image {
    #[serde(default)]
    id: String,
    containers: i64,
    size: i64,
    shared_size: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Container {
    #[serde(default)]
    size_rw: i64,
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Volume {
    #[serde(default)]
    name: String,
    labels: Option<HashMap<String, String>>,
    usage_data: Option<VolumeUsage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VolumeUsage {
    size: i64,
    ref_count: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Cached {
    size: i64,
    #[serde(default)]
    in_use: bool,
    #[serde(default)]
    shared: bool,
}

impl Docker {
    /// The engine measures on every call, which may take minutes.
    pub(crate) async fn disk_usage(&self) -> Result<DiskUsage, ClientError> {
        Ok(usage(&self.measure().await?))
    }

    /// The space that a cleanup can reclaim, by the same measurement.
    pub(crate) async fn reclaimable_space(&self) -> Result<ReclaimableSpace, ClientError> {
        Ok(reclaimable(self.measure().await?))
    }

    /// Retries while the engine is busy: it measures for one client at a time and refuses others.
    async fn measure(&self) -> Result<Answer, ClientError> {
        loop {
            match self.system_df().await {
                Err(ClientError::Failed { message, .. }) if message.contains("already running") => {
                    tokio::time::sleep(RETRY_DELAY).await;
                }
                other => return other,
            }
        }
    }

    async fn system_df(&self) -> Result<Answer, ClientError> {
        // The library's type for this answer fits newer engines only.
        let negotiated = self.engine().await?.client_version();
        let (major, minor) = NEWEST_VERSION.min((negotiated.major_version, negotiated.minor_version));
        let path = format!("/v{major}.{minor}/system/df");
        let body = self.call_version(Method::GET, &path, None, SLOW).await?;
        serde_json::from_slice(&body).map_err(invalid_answer)
    }
}

fn usage(answer: &Answer) -> DiskUsage {
    DiskUsage {
        images: images(answer),
        containers: sum(answer.containers.iter().flatten().map(|c| {
            let active = matches!(c.state.as_str(), "running" | "paused" | "restarting");
            (c.size_rw, active, !active)
        })),
        // -1: the volume driver does not report the size.
        volumes: sum(answer
            .volumes
            .iter()
            .flatten()
            .filter_map(|v| v.usage_data.as_ref())
            .map(|u| (u.size.max(0), u.ref_count > 0, u.ref_count == 0))),
        build_cache: sum(answer.build_cache.iter().flatten().map(|c| {
            // Shared records are counted with the images.
            (if c.shared { 0 } else { c.size }, c.in_use, !c.in_use && !c.shared)
        })),
    }
}

fn reclaimable(answer: Answer) -> ReclaimableSpace {
    let build_cache = usage(&answer).build_cache;
    let own = |i: Image| (i.id, u64::try_from(i.size - i.shared_size.max(0)).unwrap_or(0));
    let images = answer.images.into_iter().flatten().map(own).collect();
    let unused = |v: Volume| {
        let bytes = match v.usage_data {
            Some(u) if u.ref_count > 0 => return None,
            Some(u) => u64::try_from(u.size).ok(),
            None => None,
        };
        Some(UnusedVolume { name: v.name, bytes, labels: v.labels.unwrap_or_default() })
    };
    let mut volumes: Vec<UnusedVolume> = answer.volumes.into_iter().flatten().filter_map(unused).collect();
    volumes.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    ReclaimableSpace { images, volumes, build_cache }
}

/// Images share layers: only layers that no used image needs are reclaimable.
fn images(answer: &Answer) -> Usage {
    let all = || answer.images.iter().flatten();
    let needed = all().filter(|i| i.containers != 0 && i.size >= 0 && i.shared_size >= 0);
    let needed: i64 = needed.map(|i| i.size - i.shared_size).sum();
    Usage {
        count: all().count(),
        active: all().filter(|i| i.containers > 0).count(),
        size: answer.layers_size,
        reclaimable: (answer.layers_size - needed).max(0),
    }
}

/// Sums items of (size, in use, reclaimable).
fn sum(all: impl Iterator<Item = (i64, bool, bool)>) -> Usage {
    all.fold(Usage::default(), |u, (size, active, free)| Usage {
        count: u.count + 1,
        active: u.active + usize::from(active),
        size: u.size + size,
        reclaimable: u.reclaimable + if free { size } else { 0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_equal_docker_system_df() {
        let answer = r#"{"LayersSize":1000,
            "Images":[{"Containers":1,"Size":700,"SharedSize":100},{"Containers":0,"Size":400,"SharedSize":100}],
            "Containers":[{"State":"running","SizeRw":10},{"State":"exited","SizeRw":5},{"State":"created"}],
            "Volumes":[{"UsageData":{"Size":50,"RefCount":1}},{"UsageData":{"Size":7,"RefCount":0}},
                       {"UsageData":{"Size":-1,"RefCount":-1}},{}],
            "BuildCache":[{"Size":3,"InUse":false,"Shared":false},{"Size":9,"InUse":false,"Shared":true}]}"#;
        let usage = usage(&serde_json::from_str(answer).unwrap());
        let expect = |count, active, size, reclaimable| Usage { count, active, size, reclaimable };
        assert_eq!(usage.images, expect(2, 1, 1000, 400));
        assert_eq!(usage.containers, expect(3, 1, 15, 5));
        assert_eq!(usage.volumes, expect(3, 1, 57, 7));
        assert_eq!(usage.build_cache, expect(2, 0, 3, 3));
    }

    #[test]
    fn null_lists_of_old_engines_are_empty() {
        let answer = r#"{"LayersSize":0,"Images":null,"Containers":[],"Volumes":null,"BuildCache":null}"#;
        assert_eq!(usage(&serde_json::from_str(answer).unwrap()), DiskUsage::default());
    }
}
