//! What a cleanup removed and what it left alone, as findings.

use serde::Serialize;

use crate::base::sanitize::ident;
use crate::base::units;
use crate::clients::ClientError;
use crate::clients::platform::docker;
use crate::clients::platform::docker::{ObjectKind, ReclaimableSpace, RemovalOutcome, Unused, UnusedVolume};
use crate::model::{Finding, Reclaimed, Status, Threshold};
use crate::tools::ToolError;

/// Unused volumes listed one by one; the others only count in the sum.
const MAX_VOLUMES: usize = 20;

#[derive(Debug, Default, Serialize)]
pub(crate) struct Cleaned {
    pub(crate) containers: usize,
    pub(crate) images: usize,
    pub(crate) networks: usize,
    /// Already removed by another client.
    pub(crate) vanished: usize,
    /// Used again since the plan.
    pub(crate) in_use: usize,
    /// Unused only since the plan; left for the next run.
    pub(crate) unplanned: usize,
    /// Not removed because of an error.
    pub(crate) failed: usize,
    pub(crate) reclaimed: Reclaimed,
}

/// How many objects of each kind, and their size. None without objects.
pub(super) fn described(objects: &[Unused]) -> Option<String> {
    let count = |kind| objects.iter().filter(|o| o.kind == kind).count();
    let kinds = [ObjectKind::Container, ObjectKind::Image, ObjectKind::Network]
        .map(|kind| (count(kind), kind.name()));
    let parts = kinds.iter().filter(|(n, _)| *n > 0).map(|(n, name)| units::counted(*n as f64, name));
    let size = match objects.iter().filter_map(|o| o.bytes).sum::<u64>() {
        0 => String::new(),
        bytes => format!(" ({})", units::bytes(bytes as f64)),
    };
    (!objects.is_empty()).then(|| format!("{}{size}", parts.collect::<Vec<_>>().join(", ")))
}

impl Cleaned {
    /// Counts the outcome of one removal. Only an unreachable engine is an error.
    pub(super) fn count(
        &mut self,
        object: &Unused,
        outcome: Result<RemovalOutcome, ClientError>,
        disk_space: Option<&ReclaimableSpace>,
    ) -> Result<Option<Finding>, ToolError> {
        let id = ident(&format!("{}.{}", object.kind.name(), object.name));
        let finding = |status, text: String| {
            let summary = format!("{} {}: {text}", object.kind.name(), object.name);
            Finding::new(&id, docker::SYSTEM, status, summary)
        };
        match outcome {
            Ok(RemovalOutcome::Removed) => {
                match object.kind {
                    ObjectKind::Container => self.containers += 1,
                    ObjectKind::Image => self.images += 1,
                    ObjectKind::Network => self.networks += 1,
                }
                let own = disk_space.and_then(|d| d.images.get(&object.id).copied());
                self.reclaimed.bytes += if object.kind == ObjectKind::Image {
                    own.unwrap_or(0)
                } else {
                    object.bytes.unwrap_or(0)
                };
                Ok(None)
            }
            Ok(RemovalOutcome::Vanished) => {
                self.vanished += 1;
                Ok(None)
            }
            Ok(RemovalOutcome::InUse(why)) => {
                self.in_use += 1;
                Ok(Some(finding(Status::Ok, format!("kept, in use: {why}"))))
            }
            Err(e) if e.may_pass() => Err(e.into()),
            Err(e) => {
                self.failed += 1;
                let failed = finding(Status::Warn, format!("not removed: {e}"));
                Ok(Some(failed.hint("ordctl maintain weekly --only docker")))
            }
        }
    }

    pub(super) fn summary(&self) -> String {
        let mut text = format!(
            "Removed: {}, {}, {}, {} reclaimed",
            units::counted(self.containers as f64, "container"),
            units::counted(self.images as f64, "image"),
            units::counted(self.networks as f64, "network"),
            units::bytes(self.reclaimed.bytes as f64)
        );
        for (n, what) in [
            (self.vanished, "already removed"),
            (self.in_use, "in use again"),
            (self.unplanned, "left for the next run (not in the plan)"),
            (self.failed, "not removed"),
        ] {
            if n > 0 {
                text.push_str(&format!(", {n} {what}"));
            }
        }
        text + &format!(", in {}", units::duration(self.reclaimed.seconds))
    }
}

/// Unused volumes and build cache, which are never removed.
pub(super) fn kept(disk_space: Result<ReclaimableSpace, ClientError>, label: &str) -> Vec<Finding> {
    let skipped = |id: &str, summary: String| Finding::new(id, docker::SYSTEM, Status::Skipped, summary);
    let disk_space = match disk_space {
        Ok(disk_space) => disk_space,
        Err(e) => return vec![skipped("sizes", format!("Sizes of images and volumes: {e}"))],
    };
    let (key, value) = label.split_once('=').map_or((label, None), |(k, v)| (k, Some(v)));
    let has_label = |v: &&UnusedVolume| match v.labels.get(key) {
        Some(actual) => value.is_none_or(|value| value == actual),
        None => label.is_empty(),
    };
    let volumes: Vec<&UnusedVolume> = disk_space.volumes.iter().filter(has_label).collect();
    let mut findings: Vec<Finding> = volumes.iter().take(MAX_VOLUMES).map(|v| volume(v)).collect();
    if !volumes.is_empty() {
        let bytes = volumes.iter().filter_map(|v| v.bytes).sum::<u64>() as f64;
        let n = units::counted(volumes.len() as f64, "volume");
        let summary = format!("Unused volumes: {} in {n}, kept", units::bytes(bytes));
        let unit = Some("bytes");
        findings.push(Finding::measured("volumes", docker::SYSTEM, summary, bytes, unit, Threshold::NONE));
    }
    if disk_space.build_cache.reclaimable > 0 && label.is_empty() {
        let size = units::bytes(disk_space.build_cache.reclaimable as f64);
        let summary = format!("Build cache: {size} reclaimable, kept");
        findings.push(skipped("build_cache", summary));
    }
    findings
}

fn volume(volume: &UnusedVolume) -> Finding {
    let id = ident(&format!("volume.{}", volume.name));
    let size = volume.bytes.map_or_else(|| "size unknown".to_owned(), |n| units::bytes(n as f64));
    let summary = format!("Volume {}: {size}, unused, kept", volume.name);
    match volume.bytes {
        Some(n) => Finding::measured(&id, docker::SYSTEM, summary, n as f64, Some("bytes"), Threshold::NONE),
        None => Finding::new(&id, docker::SYSTEM, Status::Ok, summary),
    }
}
