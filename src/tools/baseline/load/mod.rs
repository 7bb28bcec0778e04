//! `measure.load`: response times of an endpoint under a steady open-loop load.
//!
//! Requests are sent at scheduled times, and each latency starts there (see [`generator`]), so a stall affects
//! all requests of that time. A timeout counts with at least its limit. Unexpected statuses and broken
//! connections are errors without a latency. Requests that were not sent in time are reported separately. There
//! is no verdict on too few samples, or if the client was late.

mod findings;
pub(crate) mod generator;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::shell;
use crate::base::units;
use crate::base::units::Span;
use crate::clients::http::{Get, Http, SYSTEM};
use crate::model::{Finding, Status, StepPlan};
use crate::tools::baseline::{Measurement, within};
use crate::tools::{Output, Tool, ToolContext, ToolError};
use findings::{findings, late};
use generator::{Plan, fire};

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
            let finding = finding.hint(format!("curl -sS -i -m 5 {}", shell::quoted(&plan.url)));
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
