//! `/health` and `/metrics`, also on nodes without the API.

use std::sync::{Arc, Mutex};
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
use crate::base::lock::lock;
use crate::base::units::duration;
use crate::engine::metrics::Metrics;
use crate::engine::progress::Progress;
use crate::model::{EngineLoop, Status};
use crate::store::Store;

/// State of the health and metrics routes.
#[derive(Clone)]
pub(crate) struct Probe {
    pub(crate) store: Store,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) node: Arc<NodeProbe>,
}

/// The node whose readiness is asked.
pub(crate) struct NodeProbe {
    name: String,
    progress: Arc<Progress>,
    /// When a write last succeeded, or why it failed.
    written: Mutex<Option<(Instant, Result<(), String>)>>,
}

impl NodeProbe {
    pub(crate) fn new(name: &str, progress: Arc<Progress>) -> Arc<Self> {
        Arc::new(Self { name: name.to_owned(), progress, written: Mutex::default() })
    }

    /// Writes the node's progress, at most once in [`WRITE_INTERVAL`].
    async fn prove_write(&self, store: &Store) -> Result<(), String> {
        let recent = lock(&self.written).clone();
        if let Some((at, result)) = recent
            && at.elapsed() < WRITE_INTERVAL
        {
            return result;
        }
        let result = self.progress.write_report(store, &self.name, TIMEOUT).await;
        *lock(&self.written) = Some((Instant::now(), result.clone()));
        result
    }
}

impl FromRef<Api> for Probe {
    fn from_ref(api: &Api) -> Self {
        Self { store: api.tasks.store.clone(), metrics: api.metrics.clone(), node: api.node.clone() }
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
/// Probes that come more often get the last result.
const WRITE_INTERVAL: Duration = Duration::from_secs(1);

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

fn word(status: Status) -> &'static str {
    match status {
        Status::Ok | Status::Skipped => "healthy",
        Status::Warn | Status::Unknown => "degraded",
        Status::Crit => "unhealthy",
    }
}

/// The database, the hold, and the progress of every part of the engine on all nodes.
async fn engine_checks(probe: &Probe) -> Vec<Check> {
    let begin = Instant::now();
    let state = tokio::time::timeout(TIMEOUT, async {
        tokio::try_join!(probe.store.hold_state(), probe.store.engine_progress())
    });
    let state = state.await;
    let duration_ms = begin.elapsed().as_secs_f64() * 1000.0;
    let check = |name, status, message: String| Check { name, status, message, duration_ms };
    let Ok(Ok((hold, progress))) = state else {
        return vec![check("database", "unhealthy", "no answer".to_owned())];
    };
    let engine = match hold.is_held {
        true => check("engine", "degraded", format!("on hold: {}", hold.reason.unwrap_or_default())),
        false => check("engine", "healthy", "not on hold".to_owned()),
    };
    let parts = progress.verdicts().into_iter().map(|part| check(part.id, word(part.status), part.summary));
    let database = check("database", "healthy", "answers".to_owned());
    [database, engine].into_iter().chain(parts).collect()
}

/// Whether this node can write, and the progress of its own loops.
async fn node_checks(probe: &Probe) -> Vec<Check> {
    let begin = Instant::now();
    let written = probe.node.prove_write(&probe.store).await;
    let duration_ms = begin.elapsed().as_secs_f64() * 1000.0;
    let check = |name, status, message: String| Check { name, status, message, duration_ms };
    let database = match written {
        Ok(()) => check("database", "healthy", "writable".to_owned()),
        // The error may name hosts and users; it is in the log.
        Err(_) => check("database", "unhealthy", "the node cannot write to the database".to_owned()),
    };
    let loops = probe.node.progress.reports(&probe.node.name);
    let loops = loops.into_iter().filter(|l| l.kind != EngineLoop::Reporter).map(|l| {
        let message = match l.age_seconds {
            Some(age) => format!("last success {} ago", duration(age)),
            None => "no success since its start".to_owned(),
        };
        check(l.kind.name(), word(l.status()), message)
    });
    std::iter::once(database).chain(loops).collect()
}

fn body(checks: Vec<Check>) -> Health {
    let worst = ["unhealthy", "degraded"].into_iter().find(|s| checks.iter().any(|c| c.status == *s));
    let healthy = checks.iter().filter(|c| c.status == "healthy").count();
    let summary = Summary { total: checks.len(), healthy };
    Health { status: worst.unwrap_or("healthy"), timestamp: now(), summary, checks }
}

/// `GET /health`: the engine on all nodes; always 200.
pub(crate) async fn health(State(probe): State<Probe>) -> Json<Health> {
    Json(body(engine_checks(&probe).await))
}

/// `GET /health/ready`: this node; 503 when it cannot write or one of its loops makes no progress.
pub(crate) async fn ready(State(probe): State<Probe>) -> (StatusCode, Json<Health>) {
    let checks = node_checks(&probe).await;
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
    probe.node.progress.measure(&probe.metrics);
    let text = probe.metrics.text().map_err(|e| {
        tracing::error!(error = %e, "cannot encode metrics");
        ApiError::internal()
    })?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
