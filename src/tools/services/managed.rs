//! Services that change as a whole, as a swarm's do: they are told what they are to be like, and the
//! platform starts and ends their instances. Here is what all tools need for that: telling, waiting until
//! it is so, and who is new or gone then.

use std::time::{Duration, Instant};

use crate::base::units::duration;
use crate::clients::platform;
use crate::clients::platform::{
    BlockedUpdate, Change, Instance, ManagedService, ServiceChange, ServiceKind, ServiceUpdate,
};
use crate::model::{Finding, Status};
use crate::tools::services::{InstanceSnapshot, Readiness, members};
use crate::tools::{ToolContext, ToolError};

const PAUSE: Duration = Duration::from_millis(200);

/// Who is new and who is gone.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// These run now and did not before.
    pub(crate) new: Vec<String>,
    pub(crate) gone: Vec<String>,
}

/// The service, where it changes as a whole; none where each instance is changed by itself, or where
/// there is no such service and it is `optional`.
pub(crate) async fn whole(
    ctx: &ToolContext,
    service: &str,
    optional: bool,
) -> Result<Option<ManagedService>, ToolError> {
    let platform = ctx.clients.platform()?;
    match platform.service_kind(service).await? {
        ServiceKind::Service(whole) => Ok(Some(whole)),
        ServiceKind::Missing if !optional => Err(ToolError::Refused {
            message: format!("there is no service {service} in the swarm"),
            hint: Some(platform.commands().services()),
        }),
        ServiceKind::Missing | ServiceKind::Instance => Ok(None),
    }
}

/// The service, as [`whole`], if it may be changed: any change would let an update go on that somebody or
/// something has paused, with an image that may be the reason.
pub(crate) async fn changeable(
    ctx: &ToolContext,
    service: &str,
    optional: bool,
) -> Result<Option<ManagedService>, ToolError> {
    let whole = whole(ctx, service, optional).await?;
    match whole.as_ref().and_then(|w| Some((w, w.blocked.as_ref().filter(|s| s.resumable)?))) {
        None => Ok(whole),
        Some((ManagedService { name, .. }, BlockedUpdate { reason: why, .. })) => Err(ToolError::Refused {
            message: format!("{name}: {why}"),
            hint: Some(ctx.clients.platform()?.commands().rollback(name)),
        }),
    }
}

/// How many of a service ran when they were noted.
pub(crate) fn ran(before: &[InstanceSnapshot], service: &str) -> u32 {
    let ran = before.iter().filter(|n| n.service == service && n.running).count();
    u32::try_from(ran).unwrap_or(u32::MAX)
}

/// Whether every instance is another than those that were noted: they were made anew already.
pub(crate) fn renewed(before: Option<&[InstanceSnapshot]>, service: &str, now: &[Instance]) -> bool {
    let known = |i: &Instance| before.into_iter().flatten().any(|n| n.name == i.name);
    let noted = before.is_some_and(|b| b.iter().any(|n| n.service == service));
    noted && !now.is_empty() && !now.iter().any(known)
}

/// Makes changes of a service, the first of which makes or ends instances, and waits until the platform
/// has done it and the new ones are ready.
pub(crate) async fn change(
    ctx: &ToolContext,
    service: &str,
    changes: &[Change],
    ready: &Readiness,
) -> Result<Difference, ToolError> {
    let Some((first, rest)) = changes.split_first() else { return Ok(Difference::default()) };
    let platform = ctx.clients.platform()?;
    let before = names(ctx, service).await?;
    // Where there are more, it must be told of the new ones whether they are ready: known beforehand.
    let mark = ready.mark(ctx).await;
    let mark = if ends_only(first) { mark.unwrap_or_default() } else { mark? };
    platform.apply(first, ctx.consent()?).await?;
    let settled = settle(ctx, service, ready, before.len(), first).await;
    // What was set for the while must not stay, also where the change did not work.
    for change in rest {
        platform.apply(change, ctx.consent()?).await?;
    }
    settled?;
    let now = names(ctx, service).await?;
    let new: Vec<String> = now.iter().filter(|name| !before.contains(name)).cloned().collect();
    let gone = before.into_iter().filter(|name| !now.contains(name)).collect();
    if !new.is_empty()
        && let Err(error) = ready.wait(ctx, service, &new, &mark, false).await
    {
        return Err(with_what_it_ended_with(error, ctx, service).await);
    }
    Ok(Difference { new, gone })
}

/// One that ran and ended is replaced at once, and is not there any more to be asked: the platform
/// remembers why.
async fn with_what_it_ended_with(error: ToolError, ctx: &ToolContext, service: &str) -> ToolError {
    let (message, hint) = (error.to_string(), error.hint());
    match whole(ctx, service, true).await {
        Ok(Some(ManagedService { under_way: Some(why), .. })) => {
            ToolError::Failed { message: format!("{message}: {why}"), hint }
        }
        _ => ToolError::Failed { message, hint },
    }
}

fn ends_only(change: &Change) -> bool {
    matches!(change, Change::Service(ServiceChange { to: ServiceUpdate::Replicas { from, to }, .. }) if to < from)
}

async fn names(ctx: &ToolContext, service: &str) -> Result<Vec<String>, ToolError> {
    Ok(members(ctx, service).await?.into_iter().map(|i| i.name).collect())
}

/// Waits until the platform has done what it was told.
async fn settle(
    ctx: &ToolContext,
    service: &str,
    ready: &Readiness,
    number: usize,
    change: &Change,
) -> Result<(), ToolError> {
    let platform = ctx.clients.platform()?;
    let anew = matches!(change, Change::Service(ServiceChange { to: ServiceUpdate::Recreate, .. }));
    let begin = Instant::now();
    loop {
        let (doubt, grace) = match platform.service_kind(service).await {
            Ok(ServiceKind::Service(ManagedService {
                blocked: Some(BlockedUpdate { reason: why, .. }),
                ..
            })) if anew => {
                let hint = Some(platform.commands().service_instances(place(change)));
                return Err(ToolError::Failed { message: why, hint });
            }
            Ok(ServiceKind::Service(ManagedService { under_way: None, .. })) => return Ok(()),
            Ok(ServiceKind::Service(ManagedService { under_way: Some(doubt), grace, .. })) => (doubt, grace),
            Ok(_) => return Err(ToolError::failed(format!("{service} is gone"))),
            Err(e) => (e.to_string(), Duration::ZERO),
        };
        let rounds = if anew { u32::try_from(number).unwrap_or(u32::MAX).max(1) } else { 1 };
        let limit = (ready.within.duration() + grace).saturating_mul(rounds);
        if begin.elapsed() >= limit {
            let message = format!("not done within {}: {doubt}", duration(limit.as_secs_f64()));
            let hint = Some(platform.commands().service_instances(place(change)));
            return Err(ToolError::Failed { message, hint });
        }
        ctx.progress(0, None, doubt);
        tokio::time::sleep(PAUSE).await;
    }
}

fn place(change: &Change) -> &str {
    if let Change::Service(change) = change { &change.service } else { "" }
}

/// Says that a worker of ours is killed before it has drained: only its service can give it more time.
pub(crate) fn short_grace(ctx: &ToolContext, whole: &ManagedService) -> Option<Finding> {
    let drain = ctx.settings.engine.drain.duration();
    let text = |time: Duration| duration(time.as_secs_f64());
    let summary = format!(
        "{} gives its containers {} to end, and the engine drains for up to {}: what runs longer is killed, and others \
         take it over",
        whole.name,
        text(whole.grace),
        text(drain)
    );
    let finding = Finding::new("grace", platform::SYSTEM, Status::Warn, summary);
    let seconds = drain.as_secs() + 5;
    let hint = ctx.clients.platform().ok()?.commands().set_grace_period(&whole.name, seconds);
    (whole.grace < drain).then(|| finding.hint(hint))
}
