//! `probe.scheduling`: how late work really starts, by tasks that are made for it.
//!
//! Each probe is a task of kind `once` that does nothing, due at an instant of its own; it goes the way
//! of every task, through scheduler, queue and worker. Its latency runs from its scheduled instant to
//! the `started_at` of its run, both by the database's clock. One that has not started in time counts as
//! missed, and with the time that it has waited.
//!
//! Whatever becomes of the step (failed, timed out, interrupted), the probes are removed, with their work and
//! their runs. Those of a program that was killed bear the same mark; the next run removes them first.
//!
//! An engine that is held starts nothing, so there is nothing to measure: that is refused before anything is
//! made. Probes that somebody else removed meanwhile are no verdict.

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
use crate::clients::postgres::SYSTEM;
use crate::model::{Effect, Finding, Status, Worse};
use crate::store::probes::{Probe, ProbeStart};
use crate::store::{Store, StoreError};
use crate::tools::baseline::{Latencies, Sheet, within};
use crate::tools::{Output, Tool, ToolContext, ToolError};

use remove::remove;

/// How long one statement may take.
const STATEMENT: Duration = Duration::from_secs(10);
/// How often it is looked which have started.
const LOOK: Duration = Duration::from_millis(200);
/// How long a database that is gone may be away before the measurement is given up.
const GONE: Duration = Duration::from_secs(10);

pub(crate) struct Scheduling;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// How many probe tasks, 1 to 100.
    #[serde(default = "probes")]
    #[schemars(range(min = 1, max = 100))]
    pub(crate) count: u32,
    /// When the first is due, 1 s to 5 minutes from now.
    #[serde(default = "lead")]
    pub(crate) lead: Span,
    /// How far they are apart, up to 5 s.
    #[serde(default = "spacing")]
    pub(crate) spacing: Span,
    /// One that has not started so long after its instant is missed; up to 10 minutes.
    #[serde(default = "patience")]
    pub(crate) within: Span,
    /// 95 % start sooner; default: `baseline.scheduling_p95`.
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

/// What was measured, in seconds.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Measured {
    /// Probe tasks made.
    pub(crate) probes: u64,
    /// Those that have not started in time.
    pub(crate) missed: u64,
    /// The 95th percentile; null when none was made.
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

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        params.check()?;
        let store = store(ctx)?;
        let status = store.probe_status().await.map_err(obstacle)?;
        if !status.is_permitted {
            let message = "this role may not make and delete tasks, their work and their runs".to_owned();
            let hint = Some("ordctl baseline --skip probes measures the rest".to_owned());
            return Err(ToolError::Refused { message, hint });
        }
        not_held(&store).await?;
        let statements = store.probe_statements()?;
        let remove = &statements.remove;
        let mut calls = Vec::new();
        if status.leftovers > 0 {
            let left = count(status.leftovers as f64);
            calls.push(format!("remove {left} probe tasks that an earlier run left behind: {remove}"));
        }
        calls.push(format!(
            "make {} probe tasks, the first due in {}, {} apart, with $1 = the run's id, $2 = {}, $3 = {}, $4 = {}: {}",
            params.count,
            params.lead,
            params.spacing,
            params.count,
            params.lead.as_secs_f64(),
            params.spacing.as_secs_f64(),
            statements.create
        ));
        calls.push(format!("remove them with their work and their runs: {remove}"));
        Ok(calls)
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Measured>, ToolError> {
        ctx.refuse_in_task("make probe tasks")?;
        params.check()?;
        let store = store(ctx)?;
        let Some(lock) = store.lock_probes().await? else {
            return Err(ToolError::Refused {
                message: "somebody else measures this database with probe tasks".to_owned(),
                hint: Some("wait for him: he holds an advisory lock, see pg_locks".to_owned()),
            });
        };
        not_held(&store).await?;
        // Whoever left them behind is gone, or he would hold the lock.
        let left = store.remove_probes().await?;
        let making = make(store.clone(), &params);
        let cleanup = ctx.cleanups.register(remove(store.clone(), lock, making.clone()));
        let measured = measure(&store, &params, making, ctx).await;
        let removed = cleanup.run().await?;
        let (mut findings, result) = judge(&params, measured, ctx)?;
        if left > 0 {
            let summary =
                format!("{} probe tasks that an earlier run left behind are removed", count(left as f64));
            findings.push(Finding::new("left", SYSTEM, Status::Ok, summary));
        }
        findings.push(removed);
        Ok(Output::new(findings, result))
    }
}

fn store(ctx: &ToolContext) -> Result<Store, ToolError> {
    let postgres = ctx.clients.postgres().map_err(|e| obstacle(e.into()))?.clone();
    Ok(Store::new(postgres, ctx.library.clone(), STATEMENT.min(ctx.limit)))
}

/// Without the database there are no probes; that is no reason not to measure the rest.
fn obstacle(error: StoreError) -> ToolError {
    let hint = Some("ordctl baseline --skip probes measures the rest".to_owned());
    ToolError::Refused { message: error.to_string(), hint }
}

/// Nothing starts while the engine is held: every probe would be missed, and nothing be known.
async fn not_held(store: &Store) -> Result<(), ToolError> {
    match store.holder().await.map_err(obstacle)? {
        None => Ok(()),
        Some(by) => Err(ToolError::Refused {
            message: format!("the engine is held by {by}: no probe would start"),
            hint: Some("ordctl resume, or measure the rest: ordctl baseline --skip probes".to_owned()),
        }),
    }
}

type Making = Shared<BoxFuture<'static, Result<Vec<Probe>, StoreError>>>;

/// Makes the probes in a task of its own: dropped half-way, nobody would know whether they are there, or
/// come after their own removal.
fn make(store: Store, params: &Params) -> Making {
    let (count, lead, spacing) = (params.count, params.lead.duration(), params.spacing.duration());
    let task = tokio::spawn(async move { store.create_probes(Uuid::new_v4(), count, lead, spacing).await });
    let gone = |_| StoreError::BadRow {
        name: "engine/probes/create".to_owned(),
        message: "it ended before it was done".to_owned(),
    };
    task.map(move |made| made.unwrap_or_else(|e| Err(gone(e)))).boxed().shared()
}

/// Why there is nothing to judge, and the next command.
struct Nothing(String, &'static str);

impl From<StoreError> for Nothing {
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
) -> Result<Vec<ProbeStart>, Nothing> {
    let probes = making.await?;
    let patience = params.within.as_secs_f64();
    let mut answered = Instant::now();
    loop {
        match store.probe_starts(&probes).await {
            // Those that are there would speak for those that are not.
            Ok(found) if found.len() < probes.len() => {
                let (gone, all) = (probes.len() - found.len(), probes.len());
                let why = format!("no verdict, {gone} of {all} probe tasks were removed by somebody else");
                return Err(Nothing(why, "ordctl baseline --only probes --yes"));
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
            Err(e) if answered.elapsed() > GONE => return Err(e.into()),
            Err(_) => {}
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn judge(
    params: &Params,
    measured: Result<Vec<ProbeStart>, Nothing>,
    ctx: &ToolContext,
) -> Result<(Vec<Finding>, Measured), ToolError> {
    let found = match measured {
        Ok(found) => found,
        Err(Nothing(why, next)) => {
            let finding = Finding::new("p95", SYSTEM, Status::Unknown, format!("scheduling: {why}"));
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
    let sheet = Sheet {
        source: SYSTEM,
        title: "scheduling",
        target,
        conditions: json!({ "spacing": params.spacing }),
        samples: found.len() as u64,
        least: ctx.settings.baseline.min_probes,
        more: "ordctl baseline --only probes --yes, with more -p probes=…",
        doubt: None,
    };
    let result = Measured { probes: found.len() as u64, missed, p95: Some(times.at(0.95)) };
    Ok((findings(params, &times, missed, &sheet), result))
}

fn findings(params: &Params, times: &Latencies, missed: u64, sheet: &Sheet<'_>) -> Vec<Finding> {
    let show = |share: f64| units::duration(times.at(share));
    let max = units::duration(times.max());
    let all = count(sheet.samples as f64);
    let summary = format!(
        "scheduling: p95 {} (target below {}) from the scheduled instant to the start (p50 {}, max {max}, of {all} probes)",
        show(0.95),
        units::duration(sheet.target),
        show(0.5)
    );
    let worse = Some(Worse::Higher);
    let p50 = format!("scheduling: p50 {}", show(0.5));
    let limit = params.within;
    let lost = match missed {
        0 => Finding::new("missed", SYSTEM, Status::Ok, format!("every probe started within {limit}")),
        n => {
            let summary = format!("{n} of {all} probes had not started {limit} after their instant");
            Finding::new("missed", SYSTEM, Status::Crit, summary)
        }
    };
    let lost = Finding { value: Some(missed as f64), unit: Some("probes".to_owned()), ..lost };
    vec![
        sheet.judged("p95", times.at(0.95), summary, "ordctl queue status"),
        sheet.time("p50", times.at(0.5), worse, p50),
        sheet.time("max", times.max(), None, format!("scheduling: max {max}")),
        lost.hint("ordctl queue status, and ordctl scale status"),
    ]
}
