//! `docker.clean`: removes what the Docker engine keeps and nobody uses, one by one, by id.
//!
//! It removes only what the plan listed that was consented to, and of that only what nobody uses at the
//! very moment; the engine's own prune calls, which remove whatever they find, are never made. Volumes
//! hold data: those that nobody uses are told with their size, and stay. The engine does not say since when
//! an image has no name: each run notes it in `ordctl.sample`, and a later one goes by that.

use std::time::Instant;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::sanitize::ident;
use crate::base::units;
use crate::base::units::Span;
use crate::clients::ClientError;
use crate::clients::platform::docker;
use crate::clients::platform::docker::{
    Docker, ObjectKind, ReclaimableSpace, RemovalOutcome, UntaggedSince, Unused, UnusedVolume,
};
use crate::model::{Effect, Finding, Reclaimed, Status, Threshold};
use crate::tools::services::may_act;
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// So many volumes are told each; of the others only the sum.
const VOLUMES: usize = 20;

pub(crate) struct DockerClean;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// What was made or has ended since is left alone, and an image that no run had seen without a name
    /// before that, or that was named after it was seen so.
    #[serde(default = "day")]
    pub(crate) older_than: Span,
    /// Only what bears this label, `KEY` or `KEY=VALUE`; empty: whatever the engine has.
    #[serde(default)]
    pub(crate) label: String,
}

fn day() -> Span {
    Span::seconds(24 * 3600)
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Cleaned {
    /// Containers that were removed.
    pub(crate) containers: usize,
    /// Images that were removed.
    pub(crate) images: usize,
    /// Networks that were removed.
    pub(crate) networks: usize,
    /// What was gone already when its turn came.
    pub(crate) vanished: usize,
    /// What somebody uses again.
    pub(crate) in_use: usize,
    /// What nobody uses since the plan was made: it was in no plan, and stays until the next run.
    pub(crate) unplanned: usize,
    /// What the engine would not remove for another reason.
    pub(crate) failed: usize,
    /// Bytes.
    pub(crate) reclaimed: Reclaimed,
}

/// What was used after this instant stays.
fn before(params: &Params, ctx: &ToolContext) -> DateTime<Utc> {
    ctx.clock.now() - params.older_than.duration()
}

/// What is looked at; none: everything.
fn label(params: &Params) -> Option<&str> {
    Some(params.label.as_str()).filter(|l| !l.is_empty())
}

/// Which images runs have seen nameless before the instant. A run notes those of now first: so without an
/// age, they count.
async fn seen(
    params: &Params,
    before: DateTime<Utc>,
    ctx: &ToolContext,
    images: &[String],
    note: bool,
) -> Result<UntaggedSince, ToolError> {
    let engine = ctx.clients.docker()?.engine_info().await?.id;
    let store = ctx.store()?;
    if note && !images.is_empty() {
        store.store_dangling_images(&engine, images, ctx.clock.now()).await?;
    }
    let rows = store.dangling_images(&engine, before).await?;
    let mut seen: UntaggedSince = rows.into_iter().map(|n| (n.image, n.at)).collect();
    if params.older_than.duration().is_zero() {
        seen.extend(images.iter().map(|image| (image.clone(), before)));
    }
    Ok(seen)
}

/// What may go, and what is to be said of images that may not go yet.
async fn unused(
    params: &Params,
    before: DateTime<Utc>,
    ctx: &ToolContext,
    note: bool,
) -> Result<(Vec<Unused>, Option<Finding>), ToolError> {
    let docker = ctx.clients.docker()?;
    let images = docker.untagged_images(label(params)).await?;
    let say = |status, why: String| Finding::new("images", docker::SYSTEM, status, why);
    let (seen, said) = match seen(params, before, ctx, &images, note).await {
        Ok(seen) => {
            let young = images.iter().filter(|i| !seen.contains_key(*i)).count();
            let age = params.older_than;
            let why = format!("{young} images without a name stay until a run finds them so for {age}");
            (seen, (young > 0).then(|| say(Status::Skipped, why)))
        }
        Err(e) => {
            let why = format!("images without a name stay, since it is not known for how long: {e}");
            (UntaggedSince::new(), Some(say(Status::Skipped, why).hint("ordctl migrate")))
        }
    };
    Ok((docker.unused(before, label(params), &seen).await?, said))
}

/// A call of the plan: what is called, and of what.
fn call(docker: &Docker, what: &Unused) -> String {
    let size = what.bytes.map_or_else(String::new, |n| format!(", {}", units::bytes(n as f64)));
    format!("{} ({} {}{size})", docker.removal_call(what), what.kind.name(), what.name)
}

impl Tool for DockerClean {
    type Params = Params;
    type Result = Cleaned;

    const NAME: &'static str = "docker.clean";
    const HELP: &'static str =
        "removes ended containers, nameless images and empty networks that nobody uses; never a volume";
    const SOURCE: &'static str = docker::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let docker = ctx.clients.docker()?;
        let (found, _) = unused(params, before(params, ctx), ctx, false).await?;
        let note = ctx.store()?.store_dangling_images_statement()?;
        Ok(found.iter().map(|what| call(docker, what)).chain([note]).collect())
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Cleaned>, ToolError> {
        may_act(ctx)?;
        let begin = Instant::now();
        let docker = ctx.clients.docker()?;
        // Measured before, since what is gone has no size; and before it is chosen what goes, since that
        // may take minutes, in which somebody may use it.
        let room =
            tokio::time::timeout(ctx.limit / 2, docker.reclaimable_space()).await.unwrap_or_else(|_| {
                Err(ClientError::unreachable(Self::SOURCE, "it did not measure its disk in time"))
            });
        let before = before(&params, ctx);
        let (mut found, said) = unused(&params, before, ctx, true).await?;
        let mut cleaned = Cleaned::default();
        if let Some(calls) = ctx.consented_calls() {
            let all = found.len();
            found.retain(|what| calls.iter().any(|c| c.starts_with(&docker.removal_call(what))));
            cleaned.unplanned = all - found.len();
        }
        let mut findings = Vec::new();
        let total = found.len() as u64;
        for (done, what) in found.iter().enumerate() {
            ctx.progress(done as u64, Some(total), format!("{} {}", what.kind.name(), what.name));
            findings.extend(cleaned.count(what, docker.remove(what, before).await, room.as_ref().ok())?);
        }
        cleaned.reclaimed.seconds = begin.elapsed().as_secs_f64();
        let summary = cleaned.summary();
        findings.insert(0, Finding::new("", Self::SOURCE, Status::Ok, summary).details(json!(cleaned)));
        findings.extend(said);
        findings.extend(left_alone(room, &params.label));
        Ok(Output::new(findings, cleaned))
    }
}

impl Cleaned {
    /// Takes note of what became of something. What the engine refuses hides nothing else; without the
    /// engine there is no going on.
    fn count(
        &mut self,
        what: &Unused,
        fate: Result<RemovalOutcome, ClientError>,
        room: Option<&ReclaimableSpace>,
    ) -> Result<Option<Finding>, ToolError> {
        let id = ident(&format!("{}.{}", what.kind.name(), what.name));
        let say = |status, why: String| {
            let summary = format!("{} {}: {why}", what.kind.name(), what.name);
            Finding::new(&id, docker::SYSTEM, status, summary)
        };
        match fate {
            Ok(RemovalOutcome::Removed) => {
                match what.kind {
                    ObjectKind::Container => self.containers += 1,
                    ObjectKind::Image => self.images += 1,
                    ObjectKind::Network => self.networks += 1,
                }
                let own = room.and_then(|r| r.images.get(&what.id).copied());
                self.reclaimed.bytes +=
                    if what.kind == ObjectKind::Image { own.unwrap_or(0) } else { what.bytes.unwrap_or(0) };
                Ok(None)
            }
            Ok(RemovalOutcome::Vanished) => {
                self.vanished += 1;
                Ok(None)
            }
            Ok(RemovalOutcome::InUse(why)) => {
                self.in_use += 1;
                Ok(Some(say(Status::Ok, format!("in use, so it stays: {why}"))))
            }
            Err(e) if e.may_pass() => Err(e.into()),
            Err(e) => {
                self.failed += 1;
                let finding = say(Status::Warn, format!("not removed: {e}"));
                Ok(Some(finding.hint("ordctl maintain weekly --only docker")))
            }
        }
    }

    fn summary(&self) -> String {
        let mut text = format!(
            "{} containers, {} images, {} networks removed, {} given back",
            self.containers,
            self.images,
            self.networks,
            units::bytes(self.reclaimed.bytes as f64)
        );
        for (n, what) in [
            (self.vanished, "gone already"),
            (self.in_use, "in use again"),
            (self.unplanned, "left for the next run, being in no plan"),
            (self.failed, "not removable"),
        ] {
            if n > 0 {
                text.push_str(&format!(", {n} {what}"));
            }
        }
        text + &format!("; {}", units::duration(self.reclaimed.seconds))
    }
}

/// What is told and left alone: volumes that nobody uses, and the builder's cache.
fn left_alone(room: Result<ReclaimableSpace, ClientError>, label: &str) -> Vec<Finding> {
    let say = |id: &str, summary: String| Finding::new(id, docker::SYSTEM, Status::Skipped, summary);
    let room = match room {
        Ok(room) => room,
        Err(e) => return vec![say("sizes", format!("sizes of images and volumes: {e}"))],
    };
    let (key, value) = label.split_once('=').map_or((label, None), |(k, v)| (k, Some(v)));
    let wanted = |v: &&UnusedVolume| match v.labels.get(key) {
        Some(found) => value.is_none_or(|value| value == found),
        None => label.is_empty(),
    };
    let volumes: Vec<&UnusedVolume> = room.volumes.iter().filter(wanted).collect();
    let mut findings: Vec<Finding> = volumes.iter().take(VOLUMES).map(|v| volume(v)).collect();
    if !volumes.is_empty() {
        let bytes = volumes.iter().filter_map(|v| v.bytes).sum::<u64>() as f64;
        let n = volumes.len();
        let summary = format!("{n} volumes that no container has: {}; they stay", units::bytes(bytes));
        let unit = Some("bytes");
        findings.push(Finding::measured("volumes", docker::SYSTEM, summary, bytes, unit, Threshold::NONE));
    }
    if room.build_cache.reclaimable > 0 && label.is_empty() {
        let size = units::bytes(room.build_cache.reclaimable as f64);
        let summary = format!("build cache: {size} left alone: the engine removes it by a prune only");
        findings.push(say("build_cache", summary));
    }
    findings
}

fn volume(volume: &UnusedVolume) -> Finding {
    let id = ident(&format!("volume.{}", volume.name));
    let size = volume.bytes.map_or_else(|| "of unknown size".to_owned(), |n| units::bytes(n as f64));
    let summary = format!("volume {}: {size}, no container has it; it stays", volume.name);
    match volume.bytes {
        Some(n) => Finding::measured(&id, docker::SYSTEM, summary, n as f64, Some("bytes"), Threshold::NONE),
        None => Finding::new(&id, docker::SYSTEM, Status::Ok, summary),
    }
}
