//! The HTTP API: the contract of ORDINAUT's services.
//!
//! * A route is one function in the file of its resource and one row of [`routes`]. The router, the access check and
//!   `/openapi.json` are generated from that row.
//! * Bodies and queries are validated against the schemas of `/openapi.json`.
//! * Every answer carries `X-Request-ID`; every error has one format and shows neither SQL nor addresses.
//! * Paths work with and without a trailing slash.
//! * Callers authenticate, except on public routes (`caller`), and see and change only their own objects unless they
//!   are admins.
//! * The cost of a request is bounded: connections and headers (`server`), requests per second (`limit`), body size
//!   and arrival (`request`), rows of an answer.
//!
//! To add a resource: its file here, its rows in `routes`, its statements in `queries/engine/api/`.

mod agents;
mod caller;
mod connections;
mod error;
mod events;
mod feed;
mod health;
mod limit;
mod openapi;
mod peer;
mod quota;
mod refusals;
mod request;
mod route;
mod routes;
mod runs;
mod server;
mod step_schema;
mod stream;
mod tasks;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::normalize_path::NormalizePathLayer;
use uuid::Uuid;

use super::agents::{Agents, TokenLifetimes};
use super::metrics::Metrics;
use super::tasks::Tasks;
use crate::store::Store;
use caller::RouteGuard;
use feed::Feed;
pub(crate) use health::{NodeProbe, Probe};
use limit::Limits;
use quota::Quotas;

const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// Concurrent requests that aggregate many rows; the limit leaves database connections to other requests.
const HEAVY_SLOTS: usize = 2;
/// Concurrent streams per agent.
const STREAMS_PER_AGENT: usize = 20;

#[derive(Clone)]
pub(crate) struct Api {
    tasks: Tasks,
    agents: Agents,
    metrics: Arc<Metrics>,
    node: Arc<NodeProbe>,
    limits: Arc<Limits>,
    feed: Arc<Feed>,
    heavy_slots: Arc<Semaphore>,
    streams: Quotas<Uuid>,
    /// Turns true when the server stops; None before it serves.
    stopping: Option<watch::Receiver<bool>>,
    /// In bytes.
    max_body: usize,
    /// `/openapi.json`, written at the first request.
    document: Arc<OnceLock<String>>,
    /// Direct requests of the own user without credentials act as the system agent until the first credential is
    /// created.
    is_open: bool,
}

impl Api {
    /// `is_open`: the server listens on loopback.
    pub(crate) fn new(tasks: Tasks, metrics: Arc<Metrics>, node: Arc<NodeProbe>, is_open: bool) -> Self {
        let store =
            Store::new(tasks.store.postgres().clone(), tasks.executor.ctx.library.clone(), STATEMENT_TIMEOUT);
        let settings = &tasks.executor.ctx.settings.api;
        let lifetimes = TokenLifetimes {
            access: settings.access_token.duration(),
            refresh: settings.refresh_token.duration(),
        };
        Self {
            agents: Agents::new(store.clone(), tasks.notifier.clone(), lifetimes),
            metrics,
            node,
            limits: Arc::new(Limits::new(settings.rate_per_agent, settings.rate_per_address)),
            feed: Feed::new(store.clone()),
            heavy_slots: Arc::new(Semaphore::new(HEAVY_SLOTS)),
            streams: Quotas::new(STREAMS_PER_AGENT),
            stopping: None,
            max_body: settings.max_body.bytes(),
            document: Arc::default(),
            is_open,
            tasks: Tasks { store, ..tasks },
        }
    }

    /// Serves until `stop` turns true, then finishes open requests within a grace period.
    pub(crate) async fn serve(
        mut self,
        listener: TcpListener,
        stop: watch::Receiver<bool>,
    ) -> std::io::Result<()> {
        let connections = self.tasks.executor.ctx.settings.api.max_connections;
        self.stopping = Some(stop.clone());
        let app = NormalizePathLayer::trim_trailing_slash().layer(router(self));
        server::serve(app, listener, connections, stop).await
    }
}

fn router(api: Api) -> Router {
    let mut router = Router::new();
    for route in routes::routes() {
        let guard = RouteGuard { api: api.clone(), access: route.access };
        router = router.route(route.path, route.handler.layer(from_fn_with_state(guard, caller::guard)));
    }
    router
        .fallback(error::no_such_route)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(api.clone(), request::instrument))
        .with_state(api)
}
