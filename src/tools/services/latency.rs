//! `check.latency`: measures the response time of an endpoint over several sequential GETs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::shell;
use crate::base::units;
use crate::base::units::Span;
use crate::clients::ClientError;
use crate::clients::http;
use crate::clients::http::Get;
use crate::model::{Finding, Status, Threshold};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Latency;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// A name in `endpoints`.
    pub(crate) endpoint: String,
    /// Number of GETs.
    #[serde(default = "count")]
    pub(crate) count: u32,
    /// Warning threshold: median.
    #[serde(default)]
    pub(crate) warn: Option<Span>,
    /// Critical threshold: median.
    #[serde(default)]
    pub(crate) crit: Option<Span>,
    /// Time limit for each GET, at most its share of the step's timeout.
    #[serde(default = "timeout")]
    pub(crate) timeout: Span,
}

const fn count() -> u32 {
    3
}

fn timeout() -> Span {
    Span::seconds(3)
}

/// Response times in seconds, of answered GETs only.
#[derive(Debug, Default, Serialize)]
pub(crate) struct LatencyStats {
    pub(crate) min: Option<f64>,
    pub(crate) median: Option<f64>,
    pub(crate) max: Option<f64>,
    /// Number of GETs.
    pub(crate) count: u32,
    /// GETs without a response.
    pub(crate) unanswered: u32,
    /// Responses with an error status.
    pub(crate) errors: u32,
}

impl Tool for Latency {
    type Params = Params;
    type Result = LatencyStats;

    const NAME: &'static str = "check.latency";
    const HELP: &'static str = "Measure the response time of an endpoint over several GETs";
    const SOURCE: &'static str = http::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<LatencyStats>, ToolError> {
        let name = &params.endpoint;
        let Some(endpoint) = ctx.settings.endpoints.get(name) else {
            let summary = format!("{name}: endpoint not configured in ordctl.yaml");
            let finding = Finding::new("", Self::SOURCE, Status::Skipped, summary);
            return Ok(Output::new(vec![finding], LatencyStats::default()));
        };
        let mut times = Vec::new();
        let mut last_error = None;
        let mut errors = 0;
        // All GETs must end before the step's timeout, which would discard their results.
        let share = ctx.limit.mul_f64(0.9) / params.count.max(1);
        let timeout = params.timeout.duration().min(share);
        for done in 0..params.count {
            ctx.progress(done.into(), Some(params.count.into()), name.as_str());
            let get = Get::new(Self::SOURCE, &endpoint.url, timeout);
            match ctx.clients.http.get(get).await {
                Ok(answer) => {
                    times.push(answer.latency.as_secs_f64());
                    let expected = endpoint.expect.map_or(answer.is_success(), |c| c == answer.status);
                    errors += u32::from(!expected);
                }
                Err(e @ ClientError::Unreachable { .. }) => last_error = Some(e),
                Err(e) => return Err(e.into()),
            }
        }
        let stats = summarize(times, params.count, errors);
        let hint = format!("curl -sS -o /dev/null -w '%{{time_total}}\\n' {}", shell::quoted(&endpoint.url));
        let finding = judge(&params, &stats, last_error).hint(hint);
        Ok(Output::new(vec![finding], stats))
    }
}

fn summarize(mut times: Vec<f64>, count: u32, errors: u32) -> LatencyStats {
    times.sort_by(f64::total_cmp);
    let answered = u32::try_from(times.len()).unwrap_or(count);
    let middle = times.len() / 2;
    let median = match times.len() {
        0 => None,
        n if n % 2 == 1 => Some(times[middle]),
        _ => Some(f64::midpoint(times[middle - 1], times[middle])),
    };
    LatencyStats {
        min: times.first().copied(),
        median,
        max: times.last().copied(),
        count,
        unanswered: count.saturating_sub(answered),
        errors,
    }
}

fn judge(params: &Params, m: &LatencyStats, last_error: Option<ClientError>) -> Finding {
    let threshold = Threshold::above(params.warn.map(Span::as_secs_f64), params.crit.map(Span::as_secs_f64));
    let name = &params.endpoint;
    let why = match last_error {
        Some(ClientError::Unreachable { message, .. }) => format!(": {message}"),
        _ => String::new(),
    };
    let Some(median) = m.median else {
        let summary = format!("{name}: no response to {} GETs{why}", m.count);
        return Finding::new("", http::SYSTEM, Status::Unknown, summary).details(json!(m));
    };
    let show = |v: Option<f64>| v.map_or_else(String::new, units::duration);
    let mut summary = format!(
        "{name}: median {} of {} GETs (min {}, max {})",
        units::duration(median),
        m.count,
        show(m.min),
        show(m.max)
    );
    if m.unanswered > 0 {
        summary += &format!(", {} without a response{why}", m.unanswered);
    }
    if m.errors > 0 {
        summary += &format!(", {} with an error status", m.errors);
    }
    let failed = if m.unanswered + m.errors > 0 { Status::Warn } else { Status::Ok };
    Finding::measured("", http::SYSTEM, summary, median, Some("s"), threshold)
        .at_least(failed)
        .details(json!(m))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params() -> Params {
        serde_json::from_value(json!({ "endpoint": "api", "warn": "200ms", "crit": 1 })).unwrap()
    }

    #[test]
    fn the_median_of_responses_is_judged() {
        let m = summarize(vec![0.3, 0.1, 0.02], 3, 0);
        assert_eq!((m.min, m.median, m.max), (Some(0.02), Some(0.1), Some(0.3)));
        assert_eq!(judge(&params(), &m, None).status, Status::Ok);
        let m = summarize(vec![0.1, 0.12], 3, 0);
        assert_eq!((m.median, m.unanswered), (Some(0.11), 1));
        let finding = judge(&params(), &m, Some(ClientError::unreachable("http", "no answer within 3 s")));
        assert_eq!(finding.status, Status::Warn);
        assert!(
            finding.summary.ends_with("1 without a response: no answer within 3 s"),
            "{}",
            finding.summary
        );
        assert_eq!(judge(&params(), &summarize(vec![2.0], 1, 0), None).status, Status::Crit);
        assert_eq!(judge(&params(), &summarize(vec![0.01], 1, 1), None).status, Status::Warn);
        assert_eq!(judge(&params(), &summarize(vec![], 0, 0), None).status, Status::Unknown);
    }
}
