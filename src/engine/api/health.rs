//! `/health` and `/metrics`, also on nodes without the API.

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

/// State of the health and metrics routes.
#[derive(Clone)]
pub(crate) struct Probe {
    pub(crate) store: Store,
    pub(crate) metrics: Arc<Metrics>,
}

impl FromRef<Api> for Probe {
    fn from_ref(api: &Api) -> Self {
        Self { store: api.tasks.store.clone(), metrics: api.metrics.clone() }
    }
}

impl Probe {
    /// Serves only these routes, without authentication, until `stop` turns true. Prometheus needs them on nodes
    /// without the role `api`, which count their own runs and steps.
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

/// Concurrent connections to a node without the API.
const CONNECTIONS: usize = 32;
/// A database that takes longer is unhealthy.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Health of the engine.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Health {
    /// healthy, degraded or unhealthy: the worst check.
    status: &'static str,
    /// RFC 3339.
    timestamp: String,
    summary: Summary,
    checks: Vec<Check>,
}

/// Number of checks and of healthy ones.
#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    total: usize,
    healthy: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Check {
    name: &'static str,
    status: &'static str,
    message: String,
    duration_ms: f64,
}

/// The process is alive.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Alive {
    /// Always `alive`.
    status: &'static str,
    /// RFC 3339.
    timestamp: String,
}

fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Checks that the database answers and that the engine is not on hold.
async fn checks(probe: &Probe) -> Vec<Check> {
    let begin = Instant::now();
    let state = tokio::time::timeout(TIMEOUT, probe.store.hold_state()).await;
    let duration_ms = begin.elapsed().as_secs_f64() * 1000.0;
    let check =
        |name, status, message: &str| Check { name, status, message: message.to_owned(), duration_ms };
    match state {
        Ok(Ok(hold)) if hold.is_held => {
            let because = hold.reason.unwrap_or_default();
            vec![
                check("database", "healthy", "answers"),
                check("engine", "degraded", &format!("on hold: {because}")),
            ]
        }
        Ok(Ok(_)) => {
            vec![check("database", "healthy", "answers"), check("engine", "healthy", "not on hold")]
        }
        _ => vec![check("database", "unhealthy", "no answer")],
    }
}

fn body(checks: Vec<Check>) -> Health {
    let worst = ["unhealthy", "degraded"].into_iter().find(|s| checks.iter().any(|c| c.status == *s));
    let healthy = checks.iter().filter(|c| c.status == "healthy").count();
    let summary = Summary { total: checks.len(), healthy };
    Health { status: worst.unwrap_or("healthy"), timestamp: now(), summary, checks }
}

/// `GET /health`: always 200.
pub(crate) async fn health(State(probe): State<Probe>) -> Json<Health> {
    Json(body(checks(&probe).await))
}

/// `GET /health/ready`: 503 without the database.
pub(crate) async fn ready(State(probe): State<Probe>) -> (StatusCode, Json<Health>) {
    let checks = checks(&probe).await;
    let down = checks.iter().any(|c| c.status == "unhealthy");
    (if down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }, Json(body(checks)))
}

/// `GET /health/live`
pub(crate) async fn live() -> Json<Alive> {
    Json(Alive { status: "alive", timestamp: now() })
}

/// `GET /metrics`
pub(crate) async fn metrics(State(probe): State<Probe>) -> Result<Response, ApiError> {
    // The other metrics do not need the database.
    drop(tokio::time::timeout(TIMEOUT, probe.metrics.refresh(&probe.store)).await);
    let text = probe.metrics.text().map_err(|e| {
        tracing::error!(error = %e, "cannot encode metrics");
        ApiError::internal()
    })?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
