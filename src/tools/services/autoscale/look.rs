//! Looking: everything that a decision rests on, asked at once.

use std::time::Duration;

use futures_util::future::join_all;

use crate::base::settings::{Auto, Service};
use crate::base::units::{Span, duration};
use crate::clients::host;
use crate::clients::platform::{Instance, InstanceRef, ManagedService, ResourceUsage};
use crate::store::Store;
use crate::store::workers::total_utilization;
use crate::tools::services;
use crate::tools::services::autoscale::Params;
use crate::tools::services::autoscale::decide::{Machine, Seen};
use crate::tools::services::scaling::advice::Load;
use crate::tools::services::{Beats, Sign, last_change, managed};
use crate::tools::{ToolContext, ToolError};

/// How long the containers' figures may take.
const PATIENCE: Duration = Duration::from_secs(6);

#[derive(Default)]
struct Figures {
    cpu: Option<f64>,
    largest: Option<f64>,
    share: Option<f64>,
    /// How many of them run on other nodes of a swarm: this engine knows nothing of those.
    elsewhere: usize,
    unknown: Option<String>,
}

pub(crate) async fn look(
    ctx: &ToolContext,
    params: &Params,
    settings: &Service,
    auto: &Auto,
) -> Result<Seen, ToolError> {
    let store = ctx.store()?;
    let Crowd { count, all, whole } = crowd(ctx, &params.service).await?;
    let running: Vec<&Instance> = all.iter().filter(|i| i.is_running()).collect();
    let (queue, held, last, figures) = tokio::join!(
        store.queue_depth(),
        store.holder(),
        last_change::change(ctx, &params.service, whole.as_ref(), &all),
        figures(ctx, &running, whole.is_some()),
    );
    let (queue, held, last) = (queue?, held?, last?);
    let mut unknown: Vec<String> = figures.unknown.iter().cloned().collect();
    let now = busy(&store, auto.up_after, &mut unknown).await;
    let period = busy(&store, auto.down_after, &mut unknown).await;
    unknown.dedup();
    let waited = waited(&store, auto.down_after, &mut unknown).await;
    if params.sign == Sign::Heartbeat {
        unknown.extend(silent(ctx, &all).await);
    }
    let load = |busy: Option<f64>, over: Span| Load {
        due: queue.due as f64,
        oldest: queue.oldest_due_seconds,
        workers: count,
        busy,
        over: over.as_secs_f64(),
        cpu: figures.cpu,
        memory: None,
        min: settings.min(),
    };
    Ok(Seen {
        service: params.service.clone(),
        running: count,
        min: settings.min(),
        max: settings.most(),
        held,
        parked: queue.parked as f64,
        now: load(now, auto.up_after),
        period: load(period, auto.down_after),
        waited,
        machine: if figures.elsewhere > 0 { None } else { machine(ctx, &mut unknown) },
        elsewhere: figures.elsewhere,
        container_memory: figures.largest,
        container_share: figures.share,
        last,
        unknown,
    })
}

/// How many there are, and who.
struct Crowd {
    count: u32,
    all: Vec<Instance>,
    /// The service, where it changes as a whole.
    whole: Option<ManagedService>,
}

async fn crowd(ctx: &ToolContext, service: &str) -> Result<Crowd, ToolError> {
    match managed::changeable(ctx, service, false).await? {
        // What is decided while the last change is under way would be decided twice.
        Some(ManagedService { under_way: Some(what), name, .. }) => Err(ToolError::Failed {
            message: format!("{name} is not yet as it is to be: {what}"),
            hint: Some(ctx.clients.platform()?.commands().service_instances(&name)),
        }),
        Some(whole) => {
            let all = services::members(ctx, service).await?;
            Ok(Crowd { count: whole.wanted, all, whole: Some(whole) })
        }
        None => {
            let all = services::some_members(ctx, service).await?;
            // Another beside them would fail as they do; each round would make one more.
            if let Some(broken) =
                all.iter().find(|i| ["restarting", "paused", "dead"].contains(&i.state.as_str()))
            {
                return Err(ToolError::Failed {
                    message: format!("{} is {}: more would not help", broken.name, broken.state),
                    hint: Some(ctx.clients.platform()?.commands().logs(&broken.name)),
                });
            }
            let running = all.iter().filter(|i| i.is_running()).count();
            Ok(Crowd { count: u32::try_from(running).unwrap_or(u32::MAX), all, whole: None })
        }
    }
}

/// Which share of a time the workers were busy.
async fn busy(store: &Store, time: Span, unknown: &mut Vec<String>) -> Option<f64> {
    let why = match store.worker_utilization(time.duration()).await {
        Ok(Some(workers)) => match total_utilization(&workers) {
            Some(share) => return Some(share),
            None => "how busy the workers are: none is active".to_owned(),
        },
        Ok(None) => "how busy the workers are: that needs `ordctl migrate`".to_owned(),
        Err(e) => format!("how busy the workers are: {e}"),
    };
    unknown.push(why);
    None
}

/// How long the runs of a time had waited at most.
async fn waited(store: &Store, time: Span, unknown: &mut Vec<String>) -> f64 {
    match store.longest_wait(time.duration()).await {
        Ok(seconds) => seconds,
        Err(e) => {
            unknown.push(format!("how long runs wait: {e}"));
            0.0
        }
    }
}

/// Those that run and send no heartbeat: nobody knows what they do.
async fn silent(ctx: &ToolContext, all: &[Instance]) -> Option<String> {
    match Beats::ask(ctx).await {
        Ok(beats) => {
            let silent: Vec<&str> = beats.silent(all).iter().map(|i| i.name.as_str()).collect();
            (!silent.is_empty()).then(|| format!("what {} do: no heartbeat", silent.join(", ")))
        }
        Err(e) => Some(format!("who sends heartbeats: {e}")),
    }
}

async fn figures(ctx: &ToolContext, running: &[&Instance], swarm: bool) -> Figures {
    let none = |why: String| Figures { unknown: Some(why), ..Figures::default() };
    let platform = match ctx.clients.platform() {
        Ok(platform) => platform,
        Err(e) => return none(format!("what the containers use: {e}")),
    };
    let briefs: Vec<InstanceRef> = match platform.list().await {
        Ok(all) => all.into_iter().filter(|b| running.iter().any(|i| i.name == b.name)).collect(),
        Err(e) => return none(format!("what the containers use: {e}")),
    };
    let elsewhere = running.len().saturating_sub(briefs.len());
    if swarm && elsewhere > 0 {
        // What one node's containers use says nothing of the others.
        return Figures { elsewhere, ..Figures::default() };
    }
    let asked =
        join_all(briefs.iter().map(|brief| tokio::time::timeout(PATIENCE, platform.usage(brief)))).await;
    let stats: Vec<ResourceUsage> = asked.into_iter().filter_map(|s| s.ok()?.ok()?).collect();
    let missing = running.len().saturating_sub(stats.len());
    let unknown = (missing > 0).then(|| {
        let late = duration(PATIENCE.as_secs_f64());
        format!("what {missing} of {} containers use: no figures within {late}", running.len())
    });
    summed(&stats, host::memory().ok().map(|m| m.total), unknown)
}

fn summed(stats: &[ResourceUsage], machine: Option<u64>, unknown: Option<String>) -> Figures {
    // One without a limit of its own has the machine's.
    let limited =
        |s: &&ResourceUsage| s.memory_limit.is_some_and(|limit| machine.is_some_and(|all| limit < all));
    let shares = stats.iter().filter(limited).filter_map(ResourceUsage::memory_percent).collect();
    let cpu: Vec<f64> = stats.iter().filter_map(|s| s.cpu_percent).collect();
    #[expect(clippy::cast_precision_loss, reason = "bytes of memory")]
    let largest = stats.iter().map(|s| s.memory as f64).reduce(f64::max);
    let unknown = match cpu.len() < stats.len() {
        true => unknown.or_else(|| Some("how much processor time the containers use".to_owned())),
        false => unknown,
    };
    Figures { cpu: mean(cpu), largest, share: mean(shares), elsewhere: 0, unknown }
}

fn mean(values: Vec<f64>) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "nobody runs 2^52 containers")]
    let number = values.len() as f64;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / number)
}

/// This machine, if the containers run on it. What another has is not known, which keeps nobody from
/// having more there.
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
            unknown.push(format!("this machine's memory: {e}"));
            None
        }
    }
}
