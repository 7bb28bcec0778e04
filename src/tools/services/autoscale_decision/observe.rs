//! Collects everything that a decision needs, concurrently.

use std::time::Duration;

use futures_util::future::join_all;

use crate::base::settings::{Auto, Service};
use crate::base::units::{Span, duration};
use crate::clients::host;
use crate::clients::platform::{Instance, InstanceRef, ManagedService, ResourceUsage};
use crate::store::Store;
use crate::store::workers::total_utilization;
use crate::tools::services;
use crate::tools::services::autoscale_decision::Params;
use crate::tools::services::autoscale_decision::decide::{Machine, Observation};
use crate::tools::services::worker_recommendation::advice::Load;
use crate::tools::services::{Heartbeats, Sign, last_change, managed};
use crate::tools::{ToolContext, ToolError};

const STATS_TIMEOUT: Duration = Duration::from_secs(6);

#[derive(Default)]
struct ContainerUsage {
    cpu: Option<f64>,
    largest_memory: Option<f64>,
    memory_percent: Option<f64>,
    /// Containers on other nodes of the swarm; this engine has no statistics of them.
    elsewhere: usize,
    unknown: Option<String>,
}

pub(crate) async fn observe(
    ctx: &ToolContext,
    params: &Params,
    settings: &Service,
    auto: &Auto,
) -> Result<Observation, ToolError> {
    let (store, local_now) = (ctx.store()?, ctx.local_now());
    let Scale { count, all, managed } = current_scale(ctx, &params.service).await?;
    let running: Vec<&Instance> = all.iter().filter(|i| i.is_running()).collect();
    let (queue, hold, last_change, usage) = tokio::join!(
        store.queue_depth(),
        store.hold_text(&local_now),
        last_change::last_change(ctx, &params.service, managed.as_ref(), &all),
        container_usage(ctx, &running, managed.is_some()),
    );
    let (queue, hold, last_change) = (queue?, hold?, last_change?);
    let mut unknown: Vec<String> = usage.unknown.iter().cloned().collect();
    let now = utilization_over(&store, auto.up_after, &mut unknown).await;
    let period = utilization_over(&store, auto.down_after, &mut unknown).await;
    unknown.dedup();
    let longest_wait = longest_wait(&store, auto.down_after, &mut unknown).await;
    if params.sign == Sign::Heartbeat {
        unknown.extend(missing_heartbeats(ctx, &all).await);
    }
    let load = |utilization: Option<f64>, period: Span| Load {
        due: queue.due as f64,
        oldest: queue.oldest_due_seconds,
        workers: count,
        utilization,
        period: period.as_secs_f64(),
        cpu: usage.cpu,
        memory: None,
        min: settings.min(),
    };
    Ok(Observation {
        service: params.service.clone(),
        running: count,
        min: settings.min(),
        max: settings.max_replicas(),
        hold,
        parked: queue.parked as f64,
        now: load(now, auto.up_after),
        period: load(period, auto.down_after),
        longest_wait,
        machine: if usage.elsewhere > 0 { None } else { machine(ctx, &mut unknown) },
        elsewhere: usage.elsewhere,
        container_memory: usage.largest_memory,
        memory_percent: usage.memory_percent,
        last_change,
        unknown,
    })
}

struct Scale {
    count: u32,
    all: Vec<Instance>,
    /// None if ordctl starts and stops each container itself.
    managed: Option<ManagedService>,
}

async fn current_scale(ctx: &ToolContext, service: &str) -> Result<Scale, ToolError> {
    match managed::changeable_service(ctx, service, false).await? {
        // A decision during an update would be made twice.
        Some(ManagedService { under_way: Some(what), name, .. }) => Err(ToolError::Failed {
            message: format!("{name}: an update is in progress: {what}"),
            hint: Some(ctx.clients.platform()?.commands().service_instances(&name)),
        }),
        Some(managed) => {
            let all = services::service_instances(ctx, service).await?;
            Ok(Scale { count: managed.wanted, all, managed: Some(managed) })
        }
        None => {
            let all = services::require_instances(ctx, service).await?;
            // Another copy would fail as well, and each round would add one more.
            if let Some(broken) =
                all.iter().find(|i| ["restarting", "paused", "dead"].contains(&i.state.as_str()))
            {
                return Err(ToolError::Failed {
                    message: format!(
                        "container {}: {}, so adding more would not help",
                        broken.name, broken.state
                    ),
                    hint: Some(ctx.clients.platform()?.commands().logs(&broken.name)),
                });
            }
            let running = all.iter().filter(|i| i.is_running()).count();
            Ok(Scale { count: u32::try_from(running).unwrap_or(u32::MAX), all, managed: None })
        }
    }
}

async fn utilization_over(store: &Store, period: Span, unknown: &mut Vec<String>) -> Option<f64> {
    let why = match store.worker_utilization(period.duration()).await {
        Ok(Some(workers)) => match total_utilization(&workers) {
            Some(share) => return Some(share),
            None => "worker utilization: no active workers".to_owned(),
        },
        Ok(None) => "worker utilization: run `ordctl migrate` first".to_owned(),
        Err(e) => format!("worker utilization: {e}"),
    };
    unknown.push(why);
    None
}

async fn longest_wait(store: &Store, period: Span, unknown: &mut Vec<String>) -> f64 {
    match store.longest_wait(period.duration()).await {
        Ok(seconds) => seconds,
        Err(e) => {
            unknown.push(format!("wait times of runs: {e}"));
            0.0
        }
    }
}

/// Running instances without a heartbeat, as an unknown value.
async fn missing_heartbeats(ctx: &ToolContext, all: &[Instance]) -> Option<String> {
    match Heartbeats::read(ctx).await {
        Ok(heartbeats) => {
            let silent: Vec<&str> = heartbeats.silent(all).iter().map(|i| i.name.as_str()).collect();
            (!silent.is_empty()).then(|| format!("state of {}: no heartbeat", silent.join(", ")))
        }
        Err(e) => Some(format!("heartbeats: {e}")),
    }
}

async fn container_usage(ctx: &ToolContext, running: &[&Instance], is_managed: bool) -> ContainerUsage {
    let none = |why: String| ContainerUsage { unknown: Some(why), ..ContainerUsage::default() };
    let platform = match ctx.clients.platform() {
        Ok(platform) => platform,
        Err(e) => return none(format!("container usage: {e}")),
    };
    let briefs: Vec<InstanceRef> = match platform.list().await {
        Ok(all) => all.into_iter().filter(|b| running.iter().any(|i| i.name == b.name)).collect(),
        Err(e) => return none(format!("container usage: {e}")),
    };
    let elsewhere = running.len().saturating_sub(briefs.len());
    if is_managed && elsewhere > 0 {
        // The usage on one node says nothing about the others.
        return ContainerUsage { elsewhere, ..ContainerUsage::default() };
    }
    let results =
        join_all(briefs.iter().map(|brief| tokio::time::timeout(STATS_TIMEOUT, platform.usage(brief)))).await;
    let stats: Vec<ResourceUsage> = results.into_iter().filter_map(|s| s.ok()?.ok()?).collect();
    let missing = running.len().saturating_sub(stats.len());
    let unknown = (missing > 0).then(|| {
        let limit = duration(STATS_TIMEOUT.as_secs_f64());
        format!("usage of {missing} of {} containers: no answer within {limit}", running.len())
    });
    summarize(&stats, host::memory().ok().map(|m| m.total), unknown)
}

fn summarize(
    stats: &[ResourceUsage],
    machine_memory: Option<u64>,
    unknown: Option<String>,
) -> ContainerUsage {
    // Without a limit of its own, a container reports the machine's memory as its limit.
    let has_limit = |s: &&ResourceUsage| {
        s.memory_limit.is_some_and(|limit| machine_memory.is_some_and(|all| limit < all))
    };
    let percents = stats.iter().filter(has_limit).filter_map(ResourceUsage::memory_percent).collect();
    let cpu: Vec<f64> = stats.iter().filter_map(|s| s.cpu_percent).collect();
    #[expect(clippy::cast_precision_loss, reason = "bytes of memory")]
    let largest_memory = stats.iter().map(|s| s.memory as f64).reduce(f64::max);
    let unknown = match cpu.len() < stats.len() {
        true => unknown.or_else(|| Some("container CPU usage".to_owned())),
        false => unknown,
    };
    ContainerUsage { cpu: mean(cpu), largest_memory, memory_percent: mean(percents), elsewhere: 0, unknown }
}

fn mean(values: Vec<f64>) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "nobody runs 2^52 containers")]
    let number = values.len() as f64;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / number)
}

/// This machine, if the containers run on it. The memory of another machine is unknown and limits nothing.
fn machine(ctx: &ToolContext, unknown: &mut Vec<String>) -> Option<Machine> {
    if !ctx.clients.platform().is_ok_and(|platform| platform.is_local()) {
        return None;
    }
    match host::memory() {
        #[expect(clippy::cast_precision_loss, reason = "bytes of memory")]
        Ok(memory) => Some(Machine {
            memory: memory.total as f64,
            used: memory.total.saturating_sub(memory.available) as f64,
            load: host::load().ok().map(|l| l.one / l.processors.max(1) as f64),
        }),
        Err(e) => {
            unknown.push(format!("memory of this machine: {e}"));
            None
        }
    }
}
