//! `/health` and `/metrics`: of the API, and of nodes that serve nothing else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{FromRef, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::Layer;
use tower_http::normalize_path::NormalizePathLayer;

use super::error::ApiError;
use super::{Api, error, server};
use crate::engine::metrics::Metrics;
use crate::store::Store;

/// What a node tells of itself.
#[derive(Clone)]
pub(crate) struct Probe {
    /// Its database.
    pub(crate) store: Store,
    /// What it has counted.
    pub(crate) metrics: Arc<Metrics>,
}

impl FromRef<Api> for Probe {
    fn from_ref(api: &Api) -> Self {
        Self { store: api.tasks.store.clone(), metrics: api.metrics.clone() }
    }
}

impl Probe {
    /// Serves these routes alone, to everybody, until `stop` turns true: a node without the role `api`
    /// counts runs and steps that Prometheus could ask nobody else for.
    pub(crate) async fn serve(
        self,
        listener: TcpListener,
        stop: watch::Receiver<bool>,
    ) -> std::io::Result<()> {
        let router = Router::new()
            .route("/health", get(health))
            .route("/health/ready", get(ready))
            .route("/health/live", get(live))
            .route("/metrics", get(metrics))
            .fallback(error::no_such_route)
            .method_not_allowed_fallback(error::no_such_method)
            .with_state(self);
        server::serve(NormalizePathLayer::trim_trailing_slash().layer(router), listener, CONNECTIONS, stop)
            .await
    }
}

/// So many connections are served at once by a node that only tells of itself.
const CONNECTIONS: usize = 32;
/// How long the database may take to count as ready.
const WITHIN: Duration = Duration::from_secs(2);

/// How the engine is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Health {
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
pub(crate) struct Alive {
    /// alive
    status: &'static str,
    /// RFC 3339.
    timestamp: String,
}

fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Asks the database: whether it answers, and whether work may start.
async fn checks(probe: &Probe) -> Vec<Check> {
    let begin = Instant::now();
    let asked = tokio::time::timeout(WITHIN, probe.store.hold_state()).await;
    let duration_ms = begin.elapsed().as_secs_f64() * 1000.0;
    let check =
        |name, status, message: &str| Check { name, status, message: message.to_owned(), duration_ms };
    match asked {
        Ok(Ok(state)) if state.is_held => {
            let because = state.reason.unwrap_or_default();
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
pub(crate) async fn health(State(probe): State<Probe>) -> Json<Health> {
    Json(body(checks(&probe).await))
}

/// `GET /health/ready`: 503 when the database does not answer.
pub(crate) async fn ready(State(probe): State<Probe>) -> (StatusCode, Json<Health>) {
    let checks = checks(&probe).await;
    let down = checks.iter().any(|c| c.status == "unhealthy");
    (if down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }, Json(body(checks)))
}

/// `GET /health/live`: this process answers.
pub(crate) async fn live() -> Json<Alive> {
    Json(Alive { status: "alive", timestamp: now() })
}

/// `GET /metrics`
pub(crate) async fn metrics(State(probe): State<Probe>) -> Result<Response, ApiError> {
    // A database that does not answer keeps nobody from the other metrics.
    drop(tokio::time::timeout(WITHIN, probe.metrics.refresh(&probe.store)).await);
    let text = probe.metrics.text().map_err(|e| {
        tracing::error!(error = %e, "the metrics cannot be written");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request could not be done")
    })?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
