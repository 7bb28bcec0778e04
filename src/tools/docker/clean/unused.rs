//! Finds unused objects. The engine does not say since when an image is untagged: each run records the untagged images
//! in `ordctl.sample`, and later runs read them from there.

use chrono::{DateTime, Utc};

use super::{Params, label};
use crate::clients::platform::docker;
use crate::clients::platform::docker::{UntaggedSince, Unused};
use crate::model::{Finding, Status};
use crate::tools::{ToolContext, ToolError};

/// The images that a run recorded as untagged before `cutoff`. Without a minimum age, the current ones count too.
async fn untagged_since(
    params: &Params,
    cutoff: DateTime<Utc>,
    ctx: &ToolContext,
    images: &[String],
    record: bool,
) -> Result<UntaggedSince, ToolError> {
    let engine = ctx.clients.docker()?.engine_info().await?.id;
    let store = ctx.store()?;
    if record && !images.is_empty() {
        store.store_dangling_images(&engine, images, ctx.clock.now()).await?;
    }
    let rows = store.dangling_images(&engine, cutoff).await?;
    let mut since: UntaggedSince = rows.into_iter().map(|n| (n.image, n.at)).collect();
    if params.older_than.duration().is_zero() {
        since.extend(images.iter().map(|image| (image.clone(), cutoff)));
    }
    Ok(since)
}

/// The objects to remove, and a finding about untagged images that are kept for now.
pub(super) async fn unused(
    params: &Params,
    cutoff: DateTime<Utc>,
    ctx: &ToolContext,
    record: bool,
) -> Result<(Vec<Unused>, Option<Finding>), ToolError> {
    let docker = ctx.clients.docker()?;
    let images = docker.untagged_images(label(params)).await?;
    let skipped = |summary: String| Finding::new("images", docker::SYSTEM, Status::Skipped, summary);
    let (since, finding) = match untagged_since(params, cutoff, ctx, &images, record).await {
        Ok(since) => {
            let recent = images.iter().filter(|i| !since.contains_key(*i)).count();
            let age = params.older_than;
            let summary = format!("Untagged images: {recent} kept, not yet recorded as untagged for {age}");
            (since, (recent > 0).then(|| skipped(summary)))
        }
        Err(e) => {
            let summary = format!("Untagged images: kept, age unknown: {e}");
            (UntaggedSince::new(), Some(skipped(summary).hint("ordctl migrate")))
        }
    };
    Ok((docker.unused(cutoff, label(params), &since).await?, finding))
}
