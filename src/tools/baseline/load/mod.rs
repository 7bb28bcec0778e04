//! `measure.load`: response times of an endpoint under a steady open-loop load.
//!
//! Requests are sent at scheduled times, and each latency starts there (see [`generator`]), so a stall affects
//! all requests of that time. A timeout counts with at least its limit. Unexpected statuses and broken
//! connections are errors without a latency. Requests that were not sent in time are reported separately. There
//! is no verdict on too few samples, or if the client was late.

pub(crate) mod generator;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units;
use crate::base::units::Span;
use crate::clients::http::{Get, Http, SYSTEM};
use crate::model::{Figure, Finding, Status, StepPlan, Worse};
use crate::tools::baseline::{Measurement, within};
use crate::tools::{Output, Tool, ToolContext, ToolError};
use generator::{Plan, Tally, fire};

/// The client is late if 5 % of the requests started later than this fraction of the target.
const LATE: f64 = 0.25;
/// Critical percentage of failed requests; below, a warning.
const FAILED: f64 = 1.0;

pub(crate) struct Load;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The endpoint's name in `endpoints`.
    pub(crate) endpoint: String,
    /// Requests per second, 1 to 1000.
    #[serde(default = "rate")]
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) rate: f64,
    /// Duration, up to 10 minutes.
    #[serde(default = "duration")]
    pub(crate) duration: Span,
    /// Maximum number of connections, 1 to 500.
    #[serde(default = "connections")]
    #[schemars(range(min = 1, max = 500))]
    pub(crate) connections: u32,
    /// Timeout of a request, up to 30 s.
    #[serde(default = "timeout")]
    pub(crate) timeout: Span,
    /// Target for the 95th percentile; default: `baseline.api_p95`.
    #[serde(default)]
    pub(crate) target: Option<Span>,
}

const fn rate() -> f64 {
    50.0
}

const fn duration() -> Span {
    Span::seconds(10)
}

const fn connections() -> u32 {
    50
}

const fn timeout() -> Span {
    Span::seconds(5)
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Measured {
    pub(crate) requests: u64,
    /// Successful responses.
    pub(crate) good: u64,
    /// Unexpected statuses and broken connections.
    pub(crate) errors: u64,
    /// Requests without a response in time.
    pub(crate) timeouts: u64,
    /// Requests that were not sent in time.
    pub(crate) unsent: u64,
    /// The 95th percentile; null without a response.
    pub(crate) p95: Option<f64>,
}

impl Params {
    fn check(&self) -> Result<(), ToolError> {
        within(Load::NAME, "rate", self.rate, 1.0, 1000.0)?;
        within(Load::NAME, "duration", self.duration.as_secs_f64(), 0.1, 600.0)?;
        within(Load::NAME, "connections", self.connections.into(), 1.0, 500.0)?;
        within(Load::NAME, "timeout", self.timeout.as_secs_f64(), 0.01, 30.0)
    }

    /// None if there is no such endpoint.
    fn plan(&self, ctx: &ToolContext) -> Option<Plan> {
        let endpoint = ctx.settings.endpoints.get(&self.endpoint)?;
        let count = (self.rate * self.duration.as_secs_f64()).ceil() as u32;
        Some(Plan {
            url: endpoint.url.clone(),
            expect: endpoint.expect,
            rate: self.rate,
            count,
            connections: self.connections as usize,
            patience: self.timeout.duration(),
        })
    }
}

impl Tool for Load {
    type Params = Params;
    type Result = Measured;

    const NAME: &'static str = "measure.load";
    const HELP: &'static str = "Measure the response times of an endpoint under a steady open-loop load";
    const SOURCE: &'static str = SYSTEM;

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        params.check()?;
        Ok(match params.plan(ctx) {
            Some(plan) => {
                let (requests, rate) =
                    (units::counted(plan.count.into(), "request"), units::count(plan.rate));
                let text = format!("Send {requests} to endpoint {}, {rate} per second", params.endpoint);
                StepPlan::new(text, vec![describe(&plan, params)])
            }
            None => {
                StepPlan::new(format!("Load: no endpoint {} in ordctl.yaml", params.endpoint), Vec::new())
            }
        })
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Measured>, ToolError> {
        ctx.refuse_in_task("send load to an endpoint")?;
        params.check()?;
        let name = &params.endpoint;
        let Some(plan) = params.plan(ctx) else {
            let summary = format!("{name}: skipped, no such endpoint in ordctl.yaml");
            let finding = Finding::new("", SYSTEM, Status::Skipped, summary);
            return Ok(Output::new(vec![finding], Measured::default()));
        };
        let http = Http::keeping(plan.connections);
        // Warm-up: reads certificates and resolves the name.
        if let Err(e) = http.get(Get::new(SYSTEM, &plan.url, plan.patience)).await {
            let finding = Finding::new("p95", SYSTEM, Status::Unknown, format!("{name}: {e}"));
            let finding = finding.hint(format!("curl -sS -i -m 5 '{}'", plan.url));
            return Ok(Output::new(vec![finding], Measured::default()));
        }
        let tally = fire(&plan, &http, ctx).await?;
        let target = params.target.unwrap_or(ctx.settings.baseline.api_p95).as_secs_f64();
        let measurement = Measurement {
            source: SYSTEM,
            title: name,
            target,
            conditions: json!({
                "url": plan.url, "rate": plan.rate, "connections": plan.connections, "timeout": params.timeout,
            }),
            samples: tally.times.count(),
            min_samples: ctx.settings.baseline.min_samples,
            more_samples: "ordctl baseline --only api -p duration=1m",
            no_verdict_reason: late(&tally, target),
        };
        let findings = findings(&plan, &tally, &measurement);
        let measured = Measured {
            requests: plan.count.into(),
            good: tally.good,
            errors: tally.errors(),
            timeouts: tally.timeouts,
            unsent: tally.crowded + tally.overdue,
            p95: (tally.times.count() > 0).then(|| tally.times.at(0.95)),
        };
        Ok(Output::new(findings, measured))
    }
}

/// The plan in one line.
fn describe(plan: &Plan, params: &Params) -> String {
    format!(
        "{} GET requests to {}, {} per second for {}, at most {} connections",
        units::count(plan.count.into()),
        plan.url,
        units::count(plan.rate),
        params.duration,
        plan.connections
    )
}

fn findings(plan: &Plan, tally: &Tally, measurement: &Measurement<'_>) -> Vec<Finding> {
    let (name, times) = (measurement.title, &tally.times);
    let mut findings = Vec::new();
    if times.count() > 0 {
        let show = |share: f64| units::duration(times.at(share));
        let summary = format!(
            "{name}: p95 {} (target below {}) at {} requests/s (p50 {}, p99 {}, max {}, of {})",
            show(0.95),
            units::duration(measurement.target),
            units::count(plan.rate),
            show(0.5),
            show(0.99),
            units::duration(times.max()),
            units::count(times.count() as f64)
        );
        let hint = "`ordctl logs analyze --since 15m` and `ordctl capacity --only performance`";
        findings.push(measurement.judged("p95", times.at(0.95), summary, hint));
        let worse = Some(Worse::Higher);
        for (id, share) in [("p50", 0.5), ("p99", 0.99)] {
            findings.push(measurement.time(
                id,
                times.at(share),
                worse,
                format!("{name}: {id} {}", show(share)),
            ));
        }
        let max = units::duration(times.max());
        // A single request is noise: shown, not judged.
        findings.push(measurement.time("max", times.max(), None, format!("{name}: max {max}")));
    } else {
        let summary = format!("{name}: no verdict, no response to {} requests", plan.count);
        findings.push(Finding::new("p95", SYSTEM, Status::Unknown, summary));
    }
    findings.push(throughput(plan, tally, measurement));
    findings.push(failed(("errors", "failed"), tally.errors(), &errors_of(tally), plan, measurement));
    let limit = units::duration(plan.patience.as_secs_f64());
    let why = format!(": no answer within {limit}");
    findings.push(failed(("timeouts", "timed out"), tally.timeouts, &why, plan, measurement));
    findings.push(unsent(plan, tally, measurement));
    findings
}

/// The reason for no verdict if the client was late.
fn late(tally: &Tally, target: f64) -> Option<String> {
    let lag = tally.lag.at(0.95);
    (lag > LATE * target).then(|| {
        format!(
            "no verdict: this machine was too slow, 5 % of the requests started {} late or more",
            units::duration(lag)
        )
    })
}

fn throughput(plan: &Plan, tally: &Tally, measurement: &Measurement<'_>) -> Finding {
    // Of the time that was planned, in which the last request has its share, too: how long the last of them
    // took is no matter of the rate, and one that times out would bend it.
    let planned = f64::from(plan.count) / plan.rate;
    let achieved = tally.good as f64 / planned;
    let mut summary = format!(
        "{}: {achieved:.1} successful responses/s of {} requests/s",
        measurement.title,
        units::count(plan.rate)
    );
    if tally.queued > 0 {
        summary += &format!(
            "; {} requests waited for one of {} connections (included in their latency)",
            units::count(tally.queued as f64),
            plan.connections
        );
    }
    let finding = Finding::new("rate", SYSTEM, Status::Ok, summary);
    let figure = Figure {
        title: format!("{} rate", measurement.title),
        value: achieved,
        unit: "requests/s".to_owned(),
        worse: Some(Worse::Lower),
        target: None,
        noise: 0.05 * plan.rate,
        samples: plan.count.into(),
        conditions: measurement.conditions.clone(),
    };
    let finding = Finding { value: Some(achieved), unit: Some("requests/s".to_owned()), ..finding };
    measurement.attach(figure, finding)
}

/// Requests that were not sent in time. They are not failures, but the load was lower than requested.
fn unsent(plan: &Plan, tally: &Tally, measurement: &Measurement<'_>) -> Finding {
    let (unsent, all) = (tally.crowded + tally.overdue, plan.count.max(1));
    let many = |n: u64| units::count(n as f64);
    let mut why = Vec::new();
    if tally.crowded > 0 {
        let half = units::duration(plan.patience.as_secs_f64() / 2.0);
        let (n, connections) = (many(tally.crowded), plan.connections);
        why.push(format!("{n} found all {connections} connections busy for {half} or longer"));
    }
    if tally.overdue > 0 {
        why.push(format!("this machine was too slow for {}", many(tally.overdue)));
    }
    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join(", ")) };
    let summary = format!(
        "{}: {} of {} requests were not sent in time{why}",
        measurement.title,
        many(unsent),
        many(all.into())
    );
    let status = if unsent == 0 { Status::Ok } else { Status::Warn };
    let share = 100.0 * unsent as f64 / f64::from(all);
    let finding = Finding::new("unsent", SYSTEM, status, summary);
    Finding { value: Some(share), unit: Some("%".to_owned()), ..finding }
        .hint("ordctl baseline --only api -p connections=500")
}

fn errors_of(tally: &Tally) -> String {
    let mut parts: Vec<String> = tally
        .statuses
        .iter()
        .map(|(code, n)| format!("{} answered {code}", units::count(*n as f64)))
        .collect();
    if tally.broken > 0 {
        let why = tally.why.as_ref().map_or_else(String::new, |w| format!(": {w}"));
        parts.push(format!("{} failed{why}", units::count(tally.broken as f64)));
    }
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

fn failed(
    (id, did): (&str, &str),
    count: u64,
    why: &str,
    plan: &Plan,
    measurement: &Measurement<'_>,
) -> Finding {
    let share = 100.0 * count as f64 / f64::from(plan.count.max(1));
    let status = match count {
        0 => Status::Ok,
        _ if share < FAILED => Status::Warn,
        _ => Status::Crit,
    };
    let why = if count == 0 { "" } else { why };
    let count = units::count(count as f64);
    let summary =
        format!("{}: {count} of {} requests {did}{why}", measurement.title, units::count(plan.count.into()));
    let finding = Finding::new(id, SYSTEM, status, summary);
    Finding { value: Some(share), unit: Some("%".to_owned()), crit: Some(FAILED), ..finding }
        .hint("ordctl logs analyze --since 15m")
}
