//! The HTTP API: the contract of ORDINAUT's services, kept route by route.
//!
//! * A route is one function in the file of its resource; this page lists them all.
//! * Every answer carries `X-Request-ID`; every error has one shape (`error`), and none of them
//!   shows SQL or an address.
//! * Paths are served with and without a slash at their end.
//! * What a request may cost is bounded: its body, the time to send it, the rows of an answer.
//!
//! To add a resource: its file here, its lines in `routes`, its statements in `queries/engine/api/`.

mod error;
mod health;
mod request;
mod runs;
mod tasks;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::normalize_path::NormalizePathLayer;

use super::metrics::Metrics;
use super::notice::Notices;
use super::tasks::Tasks;
use crate::pipeline::World;
use crate::store::Store;

/// How long requests may go on after the server was told to stop.
const LINGER: Duration = Duration::from_secs(5);
/// How long one statement of a request may take.
const STATEMENT: Duration = Duration::from_secs(10);

/// What every handler has.
#[derive(Clone)]
pub struct Api {
    /// Tasks and runs.
    pub(super) tasks: Tasks,
    pub(super) metrics: Arc<Metrics>,
}

impl Api {
    /// An API on a database.
    pub fn new(store: &Store, world: World, notices: Notices, metrics: Arc<Metrics>) -> Self {
        let store = Store::new(store.postgres().clone(), world.ctx.library.clone(), STATEMENT);
        Self { tasks: Tasks { store, world, notices }, metrics }
    }

    /// Tasks and runs, without HTTP.
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Serves until `stop` turns true, then lets requests end for a while.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self, listener: TcpListener, mut stop: watch::Receiver<bool>) -> std::io::Result<()> {
        let app = NormalizePathLayer::trim_trailing_slash().layer(routes(self));
        let mut stopped = stop.clone();
        let serving =
            axum::serve(listener, axum::ServiceExt::<axum::extract::Request>::into_make_service(app))
                .with_graceful_shutdown(async move {
                    // An error means that nobody is left who could ask for more.
                    drop(stopped.wait_for(|s| *s).await);
                });
        let late = async {
            drop(stop.wait_for(|s| *s).await);
            tokio::time::sleep(LINGER).await;
        };
        tokio::select! {
            served = serving => served,
            () = late => Ok(()),
        }
    }
}

/// Every route.
fn routes(api: Api) -> Router {
    Router::new()
        .route("/tasks", get(tasks::list).post(tasks::create))
        .route("/tasks/{id}", get(tasks::get).put(tasks::update).delete(tasks::cancel))
        .route("/tasks/{id}/run_now", post(tasks::run_now))
        .route("/tasks/{id}/pause", post(tasks::pause))
        .route("/tasks/{id}/resume", post(tasks::resume))
        .route("/tasks/{id}/cancel", post(tasks::cancel))
        .route("/tasks/{id}/snooze", post(tasks::snooze))
        .route("/runs", get(runs::list))
        .route("/runs/stats/summary", get(runs::summary))
        .route("/runs/{id}", get(runs::get))
        .route("/runs/{id}/cancel", post(runs::cancel))
        .route("/runs/task/{id}/latest", get(runs::latest))
        .route("/runs/task/{id}/stats", get(runs::stats))
        .route("/health", get(health::health))
        .route("/health/ready", get(health::ready))
        .route("/health/live", get(health::live))
        .route("/metrics", get(health::metrics))
        .fallback(error::no_such_route)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(axum::middleware::from_fn_with_state(api.clone(), request::around))
        .with_state(api)
}
