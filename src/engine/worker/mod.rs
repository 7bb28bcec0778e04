//! The worker: claims due work, runs its pipelines and records their outcomes (promises 1 to 4).
//!
//! # Guarantees
//!
//! * **At least once.** A row of due work is deleted only by the statement that records its final run.
//! * **At most one final run per occurrence.** The statement finds its row by the lease token, which
//!   is new at every claim, and the final run's id is the occurrence. A worker writes nothing for a
//!   row that another one has claimed, and neither does a run that was canceled or lost inside a
//!   live worker.
//! * **Committed starts.** The claim commits the lease and, in `ordctl.worker.running`, the start,
//!   before the first step runs. Nothing is leased without being started, so a crash counts an
//!   attempt only for work that was running. Attempts are in the database: a task that kills its
//!   worker at every attempt ends as a dead letter. Work that ran beside it runs again; it runs one
//!   row at a time on each node if a row of that worker has failed before or has one attempt left.
//! * **Outages.** A run that ends while the database is away keeps its outcome. It is recorded when the
//!   database is back, unless another worker has claimed the row meanwhile.
//! * **Leases** use the database's clock. One lease covers all runs of a worker. It is renewed by a
//!   thread with its own runtime and session (`lease_renewer`), so a busy step cannot delay it. A
//!   worker that cannot renew stops its runs when the lease ends; another node takes over within a
//!   second.
//! * **Batches.** One transaction records finished runs and claims the next ones. An outcome that
//!   PostgreSQL rejects is bisected out of its batch.
//! * **Waiting uses no worker.** A retry is a row with a later `run_at`. A row whose task is paused
//!   or whose concurrency key is taken is parked outside the claim's index.
//!
//! # States of a row of due work
//!
//! ```text
//!            queued                                 task paused
//!              │        ┌───────────────────────────────────────────┐
//!              ▼        ▼           claim: lease, start             ▼
//!          ┌─ free ◀────┴──────────────────────┐                parked: task
//!          │   │ ▲  retry: attempts + 1, later  │ hand back         (resumed: free; canceled: deleted)
//!  key     │   │ │                              │
//!  taken   │   ▼ │                              │
//!          │  leased ──────▶ leased, parked: running   (renewed at least once: outside the claim's index)
//!          ▼   │  │                 │
//!  parked: key │  │ final: success, attempts used up, canceled
//!  (promoted   │  ▼                 ▼
//!   when free) │ deleted, with a final run ── a failure leaves a dead letter
//!              │
//!              └─ lease ended: attempts + 1 ──▶ free, or parked: alone ──claim, one per node──▶ leased
//! ```

mod cancel;
mod claim;
mod columns;
mod completions;
mod cursor;
mod definitions;
mod failure_log;
mod lane;
mod lease_renewer;
mod outcome;
mod record;
mod run;
mod running_jobs;
mod store;
mod turn;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use super::metrics::Metrics;
use super::notifier::Notifier;
use super::progress::Progress;
use crate::clients::postgres::Postgres;
use crate::pipeline::Executor;

use cursor::ClaimCursor;
use lane::Lane;
pub(crate) use lease_renewer::LeaseRenewer;
use running_jobs::RunningJobs;

#[derive(Clone, Copy, Debug)]
pub(crate) struct WorkerOptions {
    /// Maximum concurrent runs on this node.
    pub(crate) concurrency: usize,
    /// How long a lease lasts without renewal.
    pub(crate) lease: Duration,
    /// How long runs may continue after the node is stopped.
    pub(crate) drain: Duration,
}

/// State that the parts of a node share.
pub(crate) struct NodeContext {
    /// The node's name, which identifies its heartbeats.
    pub(crate) node: String,
    pub(crate) executor: Executor,
    pub(crate) postgres: Arc<Postgres>,
    pub(crate) notifier: Notifier,
    pub(crate) options: WorkerOptions,
    /// The runtime that runs steps; leases are renewed on another.
    pub(crate) steps: Handle,
    pub(crate) running_jobs: Arc<RunningJobs>,
    pub(crate) processed: AtomicU64,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) progress: Arc<Progress>,
    cursor: ClaimCursor,
    /// Signals that more work is due than the first lane has room for.
    more_work: Notify,
}

/// Minimum lanes per node: while one lane waits for a commit, the runs of the other continue.
const LANES_MIN: usize = 2;
/// Maximum runs per lane: the list of a worker's runs must fit into one database page.
const LANE_CAPACITY_MAX: usize = 800;

impl NodeContext {
    pub(crate) fn new(
        node: String,
        executor: Executor,
        postgres: Arc<Postgres>,
        notifier: Notifier,
        options: WorkerOptions,
        steps: Handle,
        metrics: Arc<Metrics>,
    ) -> Self {
        let progress = Arc::new(Progress::new(executor.ctx.settings.engine.stalled_after.duration()));
        Self {
            node,
            executor,
            postgres,
            notifier,
            options,
            steps,
            running_jobs: Arc::default(),
            processed: AtomicU64::new(0),
            metrics,
            progress,
            cursor: ClaimCursor::default(),
            more_work: Notify::new(),
        }
    }
}

/// Works until `stop` turns true, then drains. Returns when no lease is left.
pub(crate) async fn work(context: Arc<NodeContext>, stop: watch::Receiver<bool>) {
    let concurrency = context.options.concurrency.max(1);
    let lanes = LANES_MIN.max(concurrency.div_ceil(LANE_CAPACITY_MAX)).min(concurrency);
    let capacity = |lane: usize| concurrency / lanes + usize::from(lane < concurrency % lanes);
    let lanes = (0..lanes).map(|n| Lane::new(context.clone(), n, capacity(n)).run(stop.clone()));
    futures_util::future::join_all(lanes).await;
}
