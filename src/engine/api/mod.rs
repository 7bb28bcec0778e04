//! The HTTP API: the contract of ORDINAUT's services, kept route by route.
//!
//! * A route is one function in the file of its resource and one row of [`routes`]; the router, the check
//!   of rights and `/openapi.json` are all made from that row.
//! * Every answer carries `X-Request-ID`; every error has one shape (`error`), and none of them
//!   shows SQL or an address.
//! * Paths are served with and without a slash at their end.
//! * Whoever asks has proven who he is, but for the few public routes (`caller`), and sees and changes
//!   what is his own unless he is an admin.
//! * What a request may cost is bounded: connections and headers (`server`), requests a second
//!   (`limit`), its body and the time to send it (`request`), the rows of an answer.
//!
//! To add a resource: its file here, its rows in `routes`, its statements in `queries/engine/api/`.

mod agents;
mod caller;
mod error;
mod events;
mod feed;
mod health;
mod limit;
mod openapi;
mod request;
mod route;
mod routes;
mod runs;
mod server;
mod share;
mod stream;
mod tasks;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::normalize_path::NormalizePathLayer;
use uuid::Uuid;

use super::agents::{Agents, Life, SigningKey};
use super::metrics::Metrics;
use super::tasks::Tasks;
use crate::store::Store;
use caller::Gate;
use feed::Feed;
pub(crate) use health::Probe;
use limit::Limits;
use share::Shares;

/// How long one statement of a request may take.
const STATEMENT: Duration = Duration::from_secs(10);
/// So many requests that read much are answered at once; they leave connections to the others.
const HEAVY: usize = 2;
/// So many streams an agent may watch at once.
const WATCHERS: usize = 20;

#[derive(Clone)]
pub(crate) struct Api {
    tasks: Tasks,
    agents: Agents,
    key: SigningKey,
    metrics: Arc<Metrics>,
    limits: Arc<Limits>,
    feed: Arc<Feed>,
    /// Places for requests that read much.
    heavy: Arc<Semaphore>,
    watchers: Shares<Uuid>,
    /// Turns true when the server stops; known once it serves.
    stopping: Option<watch::Receiver<bool>>,
    /// How many bytes a body may have.
    max_body: usize,
    /// Whether a request without credentials is the system agent's while nobody has any.
    open: bool,
}

impl Api {
    /// An API for the tasks of a database. `open`: it listens on loopback.
    pub(crate) fn new(tasks: Tasks, metrics: Arc<Metrics>, key: SigningKey, open: bool) -> Self {
        let store = Store::new(tasks.store.postgres().clone(), tasks.world.ctx.library.clone(), STATEMENT);
        let settings = &tasks.world.ctx.settings.api;
        let life =
            Life { access: settings.access_token.duration(), refresh: settings.refresh_token.duration() };
        Self {
            agents: Agents::new(store.clone(), life),
            key,
            metrics,
            limits: Arc::new(Limits::new(settings.rate_per_agent, settings.rate_per_address)),
            feed: Feed::new(store.clone()),
            heavy: Arc::new(Semaphore::new(HEAVY)),
            watchers: Shares::new(WATCHERS),
            stopping: None,
            max_body: settings.max_body.bytes(),
            open,
            tasks: Tasks { store, ..tasks },
        }
    }

    /// Seconds since 1970.
    fn now(&self) -> i64 {
        self.tasks.world.ctx.clock.now().timestamp()
    }

    /// Serves until `stop` turns true, then lets requests end for a while.
    pub(crate) async fn serve(
        mut self,
        listener: TcpListener,
        stop: watch::Receiver<bool>,
    ) -> std::io::Result<()> {
        let connections = self.tasks.world.ctx.settings.api.max_connections;
        self.stopping = Some(stop.clone());
        let app = NormalizePathLayer::trim_trailing_slash().layer(router(self));
        server::serve(app, listener, connections, stop).await
    }
}

/// Every route, each behind its guard.
fn router(api: Api) -> Router {
    let mut router = Router::new();
    for route in routes::routes() {
        let gate = Gate { api: api.clone(), right: route.right };
        router = router.route(route.path, route.handler.layer(from_fn_with_state(gate, caller::guard)));
    }
    router
        .fallback(error::no_such_route)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(api.clone(), request::around))
        .with_state(api)
}
