//! `/health` and `/metrics`

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::Api;
use super::error::ApiError;
use crate::engine::state;

/// How long the database may take to count as ready.
const WITHIN: Duration = Duration::from_secs(2);

/// How the engine is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
    /// healthy, degraded or unhealthy: the worst of the checks.
    status: &'static str,
    /// RFC 3339.
    timestamp: String,
    summary: Summary,
    checks: Vec<Check>,
}

/// How many checks, and how many of them are healthy.
#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    total: usize,
    healthy: usize,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, JsonSchema)]
struct Check {
    name: &'static str,
    status: &'static str,
    message: String,
    duration_ms: f64,
}

/// This process answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Alive {
    /// alive
    status: &'static str,
    /// RFC 3339.
    timestamp: String,
}

fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Asks the database: whether it answers, and whether work may start.
async fn checks(api: &Api) -> Vec<Check> {
    let begin = Instant::now();
    let asked = tokio::time::timeout(WITHIN, state::standing(&api.tasks.store)).await;
    let duration_ms = begin.elapsed().as_secs_f64() * 1000.0;
    let check =
        |name, status, message: &str| Check { name, status, message: message.to_owned(), duration_ms };
    match asked {
        Ok(Ok(standing)) if standing.held => {
            let because = standing.held_because.unwrap_or_default();
            vec![
                check("database", "healthy", "it answers"),
                check("engine", "degraded", &format!("held: {because}")),
            ]
        }
        Ok(Ok(_)) => {
            vec![check("database", "healthy", "it answers"), check("engine", "healthy", "work may start")]
        }
        _ => vec![check("database", "unhealthy", "it does not answer")],
    }
}

fn body(checks: Vec<Check>) -> Health {
    let worst = ["unhealthy", "degraded"].into_iter().find(|s| checks.iter().any(|c| c.status == *s));
    let healthy = checks.iter().filter(|c| c.status == "healthy").count();
    let summary = Summary { total: checks.len(), healthy };
    Health { status: worst.unwrap_or("healthy"), timestamp: now(), summary, checks }
}

/// `GET /health`: always 200; the body tells.
pub async fn health(State(api): State<Api>) -> Json<Health> {
    Json(body(checks(&api).await))
}

/// `GET /health/ready`: 503 when the database does not answer.
pub async fn ready(State(api): State<Api>) -> (StatusCode, Json<Health>) {
    let checks = checks(&api).await;
    let down = checks.iter().any(|c| c.status == "unhealthy");
    (if down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }, Json(body(checks)))
}

/// `GET /health/live`: this process answers.
pub async fn live() -> Json<Alive> {
    Json(Alive { status: "alive", timestamp: now() })
}

/// `GET /metrics`
pub async fn metrics(State(api): State<Api>) -> Result<Response, ApiError> {
    // A database that does not answer keeps nobody from the other metrics.
    drop(tokio::time::timeout(WITHIN, api.metrics.refresh(&api.tasks.store)).await);
    let text = api.metrics.text().map_err(|e| {
        tracing::error!(error = %e, "the metrics cannot be written");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request could not be done")
    })?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
