//! `probe.scheduling`: measures scheduling latency with temporary probe tasks.
//!
//! Each probe is a task of kind `once` that does nothing and takes the normal path through scheduler, queue and
//! worker. Its latency is the time from its scheduled time to the `started_at` of its run, by the database's
//! clock. A probe that has not started in time counts as missed, with the time that it has waited.
//!
//! The probes are removed with their work and runs however the step ends; those of a killed process have the
//! same mark and are removed by the next run. The step is refused while the engine is on hold, because nothing
//! starts. There is no verdict if somebody else removes probes.

mod findings;
mod remove;

use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::base::units;
use crate::base::units::{Span, count};
use crate::clients::ClientError;
use crate::clients::postgres::SYSTEM;
use crate::model::{Consented, Effect, Finding, Status, StepPlan};
use crate::store::probes::{Probe, ProbeStart};
use crate::store::{Store, StoreError};
use crate::tools::baseline::{Latencies, Measurement, within};
use crate::tools::{Output, Tool, ToolContext, ToolError};

use findings::findings;
use remove::remove;

const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// The measurement survives a database outage of this duration.
const MAX_OUTAGE: Duration = Duration::from_secs(10);

pub(crate) struct Scheduling;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Number of probe tasks, 1 to 100.
    #[serde(default = "probes")]
    #[schemars(range(min = 1, max = 100))]
    pub(crate) count: u32,
    /// Time until the first is due, 1 s to 5 minutes.
    #[serde(default = "lead")]
    pub(crate) lead: Span,
    /// Time between two probes, up to 5 s.
    #[serde(default = "spacing")]
    pub(crate) spacing: Span,
    /// A probe that starts later than this counts as missed; up to 10 minutes.
    #[serde(default = "patience")]
    pub(crate) within: Span,
    /// Target for the 95th percentile; default: `baseline.scheduling_p95`.
    #[serde(default)]
    pub(crate) target: Option<Span>,
}

const fn probes() -> u32 {
    10
}

const fn lead() -> Span {
    Span::seconds(3)
}

const fn spacing() -> Span {
    Span::new(Duration::from_millis(500))
}

const fn patience() -> Span {
    Span::seconds(60)
}

/// The measurement, in seconds.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Measured {
    /// Number of probe tasks.
    pub(crate) probes: u64,
    /// Number of probes that did not start in time.
    pub(crate) missed: u64,
    /// The 95th percentile; null without probes.
    pub(crate) p95: Option<f64>,
}

impl Params {
    fn check(&self) -> Result<(), ToolError> {
        let name = Scheduling::NAME;
        within(name, "count", self.count.into(), 1.0, 100.0)?;
        within(name, "lead", self.lead.as_secs_f64(), 1.0, 300.0)?;
        within(name, "spacing", self.spacing.as_secs_f64(), 0.0, 5.0)?;
        within(name, "within", self.within.as_secs_f64(), 0.1, 600.0)
    }
}

impl Tool for Scheduling {
    type Params = Params;
    type Result = Measured;

    const NAME: &'static str = "probe.scheduling";
    const HELP: &'static str = "Measure scheduling latency with temporary probe tasks";
    const SOURCE: &'static str = SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        params.check()?;
        let store = store(ctx)?;
        let status = store.probe_status().await.map_err(refusal)?;
        if !status.is_permitted {
            let message = "this role may not create and delete tasks, work items and runs".to_owned();
            let hint = Some("ordctl baseline --skip probes".to_owned());
            return Err(ToolError::Refused { message, hint });
        }
        ensure_not_on_hold(&store, ctx).await?;
        let statements = store.probe_statements()?;
        let remove = &statements.remove;
        let mut calls = Vec::new();
        if status.leftovers > 0 {
            let left = count(status.leftovers as f64);
            calls.push(format!("remove {left} probe tasks of an earlier run: {remove}"));
        }
        calls.push(format!(
            "create {} probe tasks, the first due in {}, {} apart, with $1 = the run's id, $2 = {}, $3 = {}, $4 = {}: {}",
            params.count,
            params.lead,
            params.spacing,
            params.count,
            params.lead.as_secs_f64(),
            params.spacing.as_secs_f64(),
            statements.create
        ));
        calls.push(format!("remove them with their work and runs: {remove}"));
        let probes = units::counted(params.count.into(), "probe task");
        let earlier = match status.leftovers {
            0 => String::new(),
            n => format!("; first remove {} of an earlier run", count(n as f64)),
        };
        let text = format!("Create {probes}, measure when they start, and remove them{earlier}");
        Ok(StepPlan::new(text, calls))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Measured>, ToolError> {
        ctx.refuse_in_task("create probe tasks")?;
        params.check()?;
        let consented = ctx.consent()?;
        let store = store(ctx)?;
        let Some(lock) = store.lock_probes().await? else {
            return Err(ToolError::Refused {
                message: "another run measures this database with probe tasks".to_owned(),
                hint: Some("psql -c 'TABLE pg_locks' shows the advisory lock of the other run".to_owned()),
            });
        };
        ensure_not_on_hold(&store, ctx).await?;
        // The run that created them has ended: it does not hold the lock.
        let left = store.remove_probes(consented).await?;
        let making = make(store.clone(), &params, consented.clone());
        let cleanup = ctx.cleanups.register(remove(store.clone(), lock, making.clone(), consented.clone()));
        let measured = measure(&store, &params, making, ctx).await;
        let removed = cleanup.run().await?;
        let (mut findings, result) = judge(&params, measured, ctx)?;
        if left > 0 {
            let summary = format!("Probe tasks of an earlier run: {} removed", count(left as f64));
            findings.push(Finding::new("left", SYSTEM, Status::Ok, summary));
        }
        findings.push(removed);
        Ok(Output::new(findings, result))
    }
}

fn store(ctx: &ToolContext) -> Result<Store, ToolError> {
    let postgres = ctx.clients.postgres().map_err(|e| refusal(e.into()))?.clone();
    Ok(Store::new(postgres, ctx.library.clone(), STATEMENT_TIMEOUT.min(ctx.limit)))
}

/// A refusal with a hint that leaves out the probes.
fn refusal(error: StoreError) -> ToolError {
    let hint = Some("ordctl baseline --skip probes".to_owned());
    ToolError::Refused { message: error.to_string(), hint }
}

/// While the engine is on hold, every probe would be missed.
async fn ensure_not_on_hold(store: &Store, ctx: &ToolContext) -> Result<(), ToolError> {
    match store.hold_text(&ctx.local_now()).await.map_err(refusal)? {
        None => Ok(()),
        Some(hold) => Err(ToolError::Refused {
            message: format!("probe tasks would not start: engine {hold}"),
            hint: Some("`ordctl resume`, or `ordctl baseline --skip probes`".to_owned()),
        }),
    }
}

type Making = Shared<BoxFuture<'static, Result<Vec<Probe>, StoreError>>>;

/// Creates the probes in a separate task that is never dropped, so that the removal cannot run before the
/// creation has ended.
fn make(store: Store, params: &Params, consented: Consented) -> Making {
    let (count, lead, spacing) = (params.count, params.lead.duration(), params.spacing.duration());
    let task =
        tokio::spawn(
            async move { store.create_probes(Uuid::new_v4(), count, lead, spacing, &consented).await },
        );
    let gone = |_| StoreError::from(ClientError::failed(SYSTEM, "creating the probe tasks was aborted"));
    task.map(move |made| made.unwrap_or_else(|e| Err(gone(e)))).boxed().shared()
}

/// Why there is no verdict, and the hint.
struct NoVerdict(String, &'static str);

impl From<StoreError> for NoVerdict {
    fn from(e: StoreError) -> Self {
        Self(e.to_string(), "ordctl doctor")
    }
}

/// Waits until every probe has started or is missed.
async fn measure(
    store: &Store,
    params: &Params,
    making: Making,
    ctx: &ToolContext,
) -> Result<Vec<ProbeStart>, NoVerdict> {
    let probes = making.await?;
    let patience = params.within.as_secs_f64();
    let mut answered = Instant::now();
    loop {
        match store.probe_starts(&probes).await {
            // The remaining probes are not representative.
            Ok(found) if found.len() < probes.len() => {
                let (gone, all) = (probes.len() - found.len(), probes.len());
                let why = format!("no verdict: {gone} of {all} probe tasks were removed by another process");
                return Err(NoVerdict(why, "ordctl baseline --only probes --yes"));
            }
            Ok(found) => {
                answered = Instant::now();
                let begun = found.iter().filter(|p| p.seconds.is_some()).count() as u64;
                ctx.progress(begun, Some(params.count.into()), "probes");
                if found.iter().all(|p| p.seconds.is_some() || p.overdue >= patience) {
                    return Ok(found);
                }
            }
            // A restart of the database is over in a moment, and the probes are still due.
            Err(e) if answered.elapsed() > MAX_OUTAGE => return Err(e.into()),
            Err(_) => {}
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

fn judge(
    params: &Params,
    measured: Result<Vec<ProbeStart>, NoVerdict>,
    ctx: &ToolContext,
) -> Result<(Vec<Finding>, Measured), ToolError> {
    let found = match measured {
        Ok(found) => found,
        Err(NoVerdict(why, next)) => {
            let finding = Finding::new("p95", SYSTEM, Status::Unknown, format!("Scheduling latency: {why}"));
            return Ok((vec![finding.hint(next)], Measured::default()));
        }
    };
    let patience = params.within.as_secs_f64();
    let mut times = Latencies::new()?;
    let mut missed = 0;
    for probe in &found {
        let late = probe.seconds.filter(|s| *s < patience);
        missed += u64::from(late.is_none());
        let seconds = late.unwrap_or_else(|| probe.seconds.unwrap_or(probe.overdue).max(patience));
        times.record(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or_default());
    }
    let target = params.target.unwrap_or(ctx.settings.baseline.scheduling_p95).as_secs_f64();
    let measurement = Measurement {
        source: SYSTEM,
        title: "scheduling",
        target,
        conditions: json!({ "spacing": params.spacing }),
        samples: found.len() as u64,
        min_samples: ctx.settings.baseline.min_probes,
        more_samples: "ordctl baseline --only probes --yes -p probes=50",
        no_verdict_reason: None,
    };
    let result = Measured { probes: found.len() as u64, missed, p95: Some(times.at(0.95)) };
    Ok((findings(params, &times, missed, &measurement), result))
}
