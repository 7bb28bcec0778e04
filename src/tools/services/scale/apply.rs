//! Applies the changes of a scaling.

use super::{Params, Plan, Scaled};
use crate::clients::platform::{Change, Platform};
use crate::tools::services::{Heartbeats, Stopping, managed};
use crate::tools::{ToolContext, ToolError, services};

/// An error lists the containers that were already added or removed.
pub(super) async fn apply(
    params: &Params,
    ctx: &ToolContext,
    plan: &Plan,
    scaled: &mut Scaled,
    killed: &mut Vec<String>,
    stopping: &Stopping,
) -> Result<(), ToolError> {
    let result = match &plan.managed {
        Some(_) => apply_managed(params, ctx, &plan.changes, scaled).await,
        None => apply_each(params, ctx, &plan.changes, scaled, killed, stopping).await,
    };
    result.map_err(|error| {
        let done: Vec<&str> = scaled.added.iter().chain(&scaled.removed).map(String::as_str).collect();
        let done = if done.is_empty() { "nothing".to_owned() } else { done.join(", ") };
        let (from, to) = (plan.from, plan.to);
        let message = format!("scaling from {from} to {to}: {error}; already added or removed: {done}");
        ToolError::Failed { message, hint: error.hint() }
    })
}

async fn apply_managed(
    params: &Params,
    ctx: &ToolContext,
    changes: &[Change],
    scaled: &mut Scaled,
) -> Result<(), ToolError> {
    let instances = managed::apply_changes(ctx, &params.service, changes, &params.ready).await?;
    (scaled.added, scaled.removed) = (instances.added, instances.removed);
    Ok(())
}

async fn apply_each(
    params: &Params,
    ctx: &ToolContext,
    changes: &[Change],
    scaled: &mut Scaled,
    killed: &mut Vec<String>,
    stopping: &Stopping,
) -> Result<(), ToolError> {
    let platform: &dyn Platform = ctx.clients.platform()?;
    let adds = changes.iter().any(|c| matches!(c, Change::Start(_)));
    let earlier = if adds { params.ready.heartbeats(ctx).await? } else { Heartbeats::default() };
    for (place, change) in changes.iter().enumerate() {
        ctx.progress(place as u64, Some(changes.len() as u64), platform.calls(change).join("; "));
        stopping.apply(platform, change, ctx.consent()?).await?;
        match change {
            Change::Start(name) => scaled.added.push(name.clone()),
            Change::Remove(name) => scaled.removed.push(name.clone()),
            Change::Add(_) | Change::Service(_) => {}
            Change::Stop(name) => {
                killed.extend(services::killed(ctx, &params.service, std::slice::from_ref(name)).await?);
            }
        }
    }
    if scaled.added.is_empty() {
        return Ok(());
    }
    params.ready.wait(ctx, &params.service, &scaled.added, &earlier, false).await
}
