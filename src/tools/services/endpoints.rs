//! `check.endpoints`: checks status, response time and reported health of every configured HTTP endpoint.

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::base::sanitize::ident;
use crate::base::settings::HealthEndpoint;
use crate::base::shell;
use crate::base::units;
use crate::base::units::Span;
use crate::clients::ClientError;
use crate::clients::http;
use crate::clients::http::{Answer, Get, first_words};
use crate::model::{Finding, Status, Threshold};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Endpoints;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Time limit for each endpoint.
    #[serde(default = "timeout")]
    pub(crate) timeout: Span,
    /// Warning threshold: response time.
    #[serde(default)]
    pub(crate) warn: Option<Span>,
    /// Critical threshold: response time.
    #[serde(default)]
    pub(crate) crit: Option<Span>,
    /// Endpoints to check [default: all in ordctl.yaml].
    #[serde(default)]
    pub(crate) only: Vec<String>,
}

fn timeout() -> Span {
    Span::seconds(3)
}

/// The result for later steps.
#[derive(Debug, Serialize)]
pub(crate) struct EndpointState {
    pub(crate) name: String,
    pub(crate) status: Status,
    /// HTTP status; null without a response.
    pub(crate) code: Option<u16>,
    /// Response time.
    pub(crate) seconds: Option<f64>,
}

impl Tool for Endpoints {
    type Params = Params;
    type Result = Vec<EndpointState>;

    const NAME: &'static str = "check.endpoints";
    const HELP: &'static str = "Check status, response time and health of every configured HTTP endpoint";
    const SOURCE: &'static str = http::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Self::Result>, ToolError> {
        let all = &ctx.settings.endpoints;
        let wanted = |name: &&String| params.only.is_empty() || params.only.contains(name);
        let chosen: Vec<(&String, &HealthEndpoint)> = all.iter().filter(|(n, _)| wanted(n)).collect();
        if chosen.is_empty() {
            return Err(ClientError::not_configured("endpoint", "endpoints").into());
        }
        let threshold =
            Threshold::above(params.warn.map(Span::as_secs_f64), params.crit.map(Span::as_secs_f64));
        let calls = chosen.into_iter().map(|(name, endpoint)| async {
            let get = Get::new(Self::SOURCE, &endpoint.url, params.timeout.duration());
            let answer = ctx.clients.http.get(get).await;
            let finding = judge(name, endpoint, &answer, threshold);
            let answer = answer.ok();
            let state = EndpointState {
                name: name.clone(),
                status: finding.status,
                code: answer.as_ref().map(|a| a.status),
                seconds: answer.as_ref().map(|a| a.latency.as_secs_f64()),
            };
            (finding, state)
        });
        let (findings, states) = join_all(calls).await.into_iter().unzip();
        Ok(Output::new(findings, states))
    }
}

fn judge(
    name: &str,
    endpoint: &HealthEndpoint,
    answer: &Result<Answer, ClientError>,
    threshold: Threshold,
) -> Finding {
    let id = ident(name);
    let curl = format!("curl -sS -i -m 5 {}", shell::quoted(&endpoint.url));
    let answer = match answer {
        Ok(answer) => answer,
        Err(e) => {
            let why = match e {
                ClientError::Unreachable { message, .. } => message.clone(),
                other => other.to_string(),
            };
            let summary = format!("{name}: {why} ({})", endpoint.url);
            return Finding::new(&id, http::SYSTEM, Status::Unknown, summary).hint(curl);
        }
    };
    let seconds = answer.latency.as_secs_f64();
    let took = units::duration(seconds);
    let expected = endpoint.expect.map_or(answer.is_success(), |code| code == answer.status);
    let reported = reported_status(&answer.body);
    // The body of a healthy endpoint says no more than its status.
    let words = match &reported {
        Some((Status::Ok, _)) if expected => String::new(),
        _ => first_words(&answer.body, 80),
    };
    let (status, text) = match (expected, reported) {
        (false, _) => {
            let wanted = endpoint.expect.map_or_else(String::new, |code| format!(", expected {code},"));
            let moved = answer.location.as_ref().map_or_else(String::new, |l| format!(" to {l}"));
            (Status::Crit, format!("{}{moved}{wanted} in {took}", answer.status))
        }
        (true, Some((status, word))) if status != Status::Ok => (status, format!("reports {word} in {took}")),
        (true, Some((_, word))) => (Status::Ok, format!("{}, {word}, in {took}", answer.status)),
        (true, None) => (Status::Ok, format!("{} in {took}", answer.status)),
    };
    let words = if words.is_empty() { String::new() } else { format!(": {words}") };
    let summary = format!("{name}: {text}{words}");
    Finding::measured(&id, http::SYSTEM, summary, seconds, Some("s"), threshold)
        .at_least(status)
        .hint(curl)
        .details(json!({ "url": endpoint.url, "code": answer.status, "location": answer.location }))
}

/// The `status` of a JSON body.
fn reported_status(body: &[u8]) -> Option<(Status, String)> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let word = body.get("status")?.as_str()?.to_lowercase();
    let status = match word.as_str() {
        "unhealthy" | "error" | "fail" | "failed" | "failing" | "down" | "critical" => Status::Crit,
        "degraded" | "warn" | "warning" | "partial" | "starting" => Status::Warn,
        _ => Status::Ok,
    };
    Some((status, word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::SecretUrl;
    use std::time::Duration;

    fn verdict(code: u16, body: &str, expect: Option<u16>) -> (Status, String) {
        let endpoint = HealthEndpoint { url: SecretUrl::new("http://u:pw@h/x"), expect };
        let answer = Answer {
            status: code,
            latency: Duration::from_millis(12),
            body: body.into(),
            location: (code == 301).then(|| "https://h/x".into()),
        };
        let finding = judge("api", &endpoint, &Ok(answer), Threshold::above(Some(0.5), None));
        (finding.status, finding.summary)
    }

    #[test]
    fn status_code_and_reported_health_are_judged() {
        assert_eq!(verdict(200, "", None), (Status::Ok, "api: 200 in 12 ms".into()));
        let healthy = r#"{"status":"healthy","summary":{"total":9}}"#;
        assert_eq!(verdict(200, healthy, None), (Status::Ok, "api: 200, healthy, in 12 ms".into()));
        assert_eq!(verdict(200, "pong", None).1, "api: 200 in 12 ms: pong");
        assert_eq!(verdict(200, r#"{"status":"Degraded"}"#, None).0, Status::Warn);
        let (status, summary) = verdict(200, r#"{"status":"unhealthy"}"#, None);
        assert_eq!(status, Status::Crit);
        assert!(summary.starts_with("api: reports unhealthy in 12 ms: {"), "{summary}");
        assert_eq!(verdict(503, "", None).0, Status::Crit);
        assert_eq!(verdict(503, "", Some(503)).0, Status::Ok);
        assert_eq!(verdict(200, "", Some(204)), (Status::Crit, "api: 200, expected 204, in 12 ms".into()));
        assert_eq!(verdict(301, "", None).1, "api: 301 to https://h/x in 12 ms");
    }

    #[test]
    fn no_response_is_unknown_and_no_secret_is_shown() {
        let endpoint = HealthEndpoint { url: SecretUrl::new("http://u:pw@h/x"), expect: None };
        let no_response = Err(ClientError::unreachable(http::SYSTEM, "no answer within 3 s"));
        let finding = judge("API Ready", &endpoint, &no_response, Threshold::NONE);
        assert_eq!((finding.id.as_str(), finding.status), ("api-ready", Status::Unknown));
        assert_eq!(finding.value, None);
        let text = format!("{finding:?}");
        assert!(text.contains("no answer within 3 s") && !text.contains("pw"), "{text}");
    }
}
