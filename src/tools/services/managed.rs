//! Changes of managed services, such as those of a swarm. This module updates the desired state, the platform starts and
//! stops instances, and ordctl waits until the update is complete and new instances are ready.

use std::time::{Duration, Instant};

use crate::base::units::duration;
use crate::clients::platform;
use crate::clients::platform::{
    BlockedUpdate, Change, Instance, ManagedService, ServiceChange, ServiceKind, ServiceUpdate,
};
use crate::model::{Finding, Status};
use crate::tools::services::{InstanceSnapshot, Readiness, service_instances};
use crate::tools::{ToolContext, ToolError};

const POLL_INTERVAL: Duration = Duration::from_millis(200);

#[derive(Debug, Default)]
pub(crate) struct InstanceChanges {
    pub(crate) added: Vec<String>,
    pub(crate) removed: Vec<String>,
}

/// The managed service; none if ordctl changes each instance itself, or if an `optional` service does not exist.
pub(crate) async fn managed_service(
    ctx: &ToolContext,
    service: &str,
    optional: bool,
) -> Result<Option<ManagedService>, ToolError> {
    let platform = ctx.clients.platform()?;
    match platform.service_kind(service).await? {
        ServiceKind::Service(managed) => Ok(Some(managed)),
        ServiceKind::Missing if !optional => Err(ToolError::Refused {
            message: format!("service {service} does not exist in the swarm"),
            hint: Some(platform.commands().services()),
        }),
        ServiceKind::Missing | ServiceKind::Instance => Ok(None),
    }
}

/// Like [`managed_service`]; refuses a service with a paused update, which any change would resume.
pub(crate) async fn changeable_service(
    ctx: &ToolContext,
    service: &str,
    optional: bool,
) -> Result<Option<ManagedService>, ToolError> {
    let managed = managed_service(ctx, service, optional).await?;
    match managed.as_ref().and_then(|m| Some((m, m.blocked.as_ref().filter(|s| s.resumable)?))) {
        None => Ok(managed),
        Some((ManagedService { name, .. }, BlockedUpdate { reason, .. })) => Err(ToolError::Refused {
            message: format!("{name}: {reason}"),
            hint: Some(ctx.clients.platform()?.commands().rollback(name)),
        }),
    }
}

pub(crate) fn running_before(before: &[InstanceSnapshot], service: &str) -> u32 {
    let running = before.iter().filter(|s| s.service == service && s.running).count();
    u32::try_from(running).unwrap_or(u32::MAX)
}

/// Whether no instance of the snapshot is left: all were recreated since.
pub(crate) fn all_recreated(before: Option<&[InstanceSnapshot]>, service: &str, now: &[Instance]) -> bool {
    let known = |i: &Instance| before.into_iter().flatten().any(|s| s.name == i.name);
    let had_instances = before.is_some_and(|b| b.iter().any(|s| s.service == service));
    had_instances && !now.is_empty() && !now.iter().any(known)
}

/// Applies the changes of a service and waits until new instances are ready. Only the first change adds or removes
/// instances.
pub(crate) async fn apply_changes(
    ctx: &ToolContext,
    service: &str,
    changes: &[Change],
    ready: &Readiness,
) -> Result<InstanceChanges, ToolError> {
    let Some((first, rest)) = changes.split_first() else { return Ok(InstanceChanges::default()) };
    let platform = ctx.clients.platform()?;
    let before = names(ctx, service).await?;
    // New instances are recognized as ready by heartbeats later than these.
    let earlier = ready.heartbeats(ctx).await;
    let earlier = if only_removes(first) { earlier.unwrap_or_default() } else { earlier? };
    platform.apply(first, ctx.consent()?).await?;
    let updated = wait_for_update(ctx, service, ready, before.len(), first).await;
    // Temporary settings are reset even if the update failed.
    for change in rest {
        platform.apply(change, ctx.consent()?).await?;
    }
    updated?;
    let now = names(ctx, service).await?;
    let added: Vec<String> = now.iter().filter(|name| !before.contains(name)).cloned().collect();
    let removed = before.into_iter().filter(|name| !now.contains(name)).collect();
    if !added.is_empty()
        && let Err(error) = ready.wait(ctx, service, &added, &earlier, false).await
    {
        return Err(with_exit_reason(error, ctx, service).await);
    }
    Ok(InstanceChanges { added, removed })
}

/// Adds the platform's reason: an instance that exited was already replaced.
async fn with_exit_reason(error: ToolError, ctx: &ToolContext, service: &str) -> ToolError {
    let (message, hint) = (error.to_string(), error.hint());
    match managed_service(ctx, service, true).await {
        Ok(Some(ManagedService { under_way: Some(why), .. })) => {
            ToolError::Failed { message: format!("{message}: {why}"), hint }
        }
        _ => ToolError::Failed { message, hint },
    }
}

fn only_removes(change: &Change) -> bool {
    matches!(change, Change::Service(ServiceChange { to: ServiceUpdate::Replicas { from, to }, .. }) if to < from)
}

async fn names(ctx: &ToolContext, service: &str) -> Result<Vec<String>, ToolError> {
    Ok(service_instances(ctx, service).await?.into_iter().map(|i| i.name).collect())
}

async fn wait_for_update(
    ctx: &ToolContext,
    service: &str,
    ready: &Readiness,
    instances: usize,
    change: &Change,
) -> Result<(), ToolError> {
    let platform = ctx.clients.platform()?;
    let recreates = matches!(change, Change::Service(ServiceChange { to: ServiceUpdate::Recreate, .. }));
    let begin = Instant::now();
    loop {
        let (pending, grace) = match platform.service_kind(service).await {
            Ok(ServiceKind::Service(ManagedService {
                blocked: Some(BlockedUpdate { reason, .. }), ..
            })) if recreates => {
                let hint = Some(platform.commands().service_instances(service_name(change)));
                return Err(ToolError::Failed { message: reason, hint });
            }
            Ok(ServiceKind::Service(ManagedService { under_way: None, .. })) => return Ok(()),
            Ok(ServiceKind::Service(ManagedService { under_way: Some(pending), grace, .. })) => {
                (pending, grace)
            }
            Ok(_) => return Err(ToolError::failed(format!("service {service} no longer exists"))),
            Err(e) => (e.to_string(), Duration::ZERO),
        };
        let rounds = if recreates { u32::try_from(instances).unwrap_or(u32::MAX).max(1) } else { 1 };
        let limit = (ready.within.duration() + grace).saturating_mul(rounds);
        if begin.elapsed() >= limit {
            let message = format!("update not complete within {}: {pending}", duration(limit.as_secs_f64()));
            let hint = Some(platform.commands().service_instances(service_name(change)));
            return Err(ToolError::Failed { message, hint });
        }
        ctx.progress(0, None, pending);
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

fn service_name(change: &Change) -> &str {
    if let Change::Service(change) = change { &change.service } else { "" }
}

/// Warns if the platform kills workers before they have drained.
pub(crate) fn short_grace_period(ctx: &ToolContext, managed: &ManagedService) -> Option<Finding> {
    let drain = ctx.settings.engine.drain.duration();
    let text = |time: Duration| duration(time.as_secs_f64());
    let summary = format!(
        "{}: stop grace period {}, shorter than the drain time of {}; longer runs are killed and taken over by other \
         workers",
        managed.name,
        text(managed.grace),
        text(drain)
    );
    let finding = Finding::new("grace", platform::SYSTEM, Status::Warn, summary);
    let seconds = drain.as_secs() + 5;
    let hint = ctx.clients.platform().ok()?.commands().set_grace_period(&managed.name, seconds);
    (managed.grace < drain).then(|| finding.hint(hint))
}
