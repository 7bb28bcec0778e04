//! The worker: claims due work, runs its pipelines, records what became of them.
//!
//! # The promises
//!
//! * **At least once.** A row of due work goes only in the statement that records its final run.
//! * **At most one final run** for each occurrence: the statement finds its row by the token of the
//!   lease, which is new at every claim, and the final run's id is the occurrence. A
//!   worker that was declared dead, and a run that was canceled or lost inside a live one, write
//!   nothing.
//! * **Committed starts.** The claim commits the lease and, in `ordctl.worker.running`, the start,
//!   before the first step runs; nothing is leased that is not started, so there is no buffer in
//!   which innocents could be counted. A crash counts one attempt for what was running. Attempts
//!   are in the database: what kills its worker each time ends in the dead letters, and what ran
//!   beside it runs again by itself, one such row at a time on each node.
//! * **Leases** end by the database's clock. A worker's lease covers all that it runs; it is renewed
//!   by a thread with a runtime and a session of its own (`lease_renewer`), so that no busy step delays it.
//!   Who cannot renew stops its runs when the lease ends; another node takes over within a second.
//! * **Batches.** One transaction records what has ended and claims what runs next. What a batch
//!   cannot hold (a result that PostgreSQL refuses) is bisected out of it.
//! * **Waiting holds nobody.** A retry is a row with a later `run_at`; a row whose task is paused or
//!   whose key is taken is parked outside of the claim's index.
//!
//! # The life of a row of due work
//!
//! ```text
//!            queued                                 task paused
//!              │        ┌───────────────────────────────────────────┐
//!              ▼        ▼           claim: lease, start             ▼
//!          ┌─ free ◀────┴──────────────────────┐                parked: task
//!          │   │ ▲  retry: attempts + 1, later  │ hand back         (resumed: free; canceled: gone)
//!  key     │   │ │                              │
//!  taken   │   ▼ │                              │
//!          │  leased ──────▶ leased, parked: running   (renewed at least once: out of the claim's way)
//!          ▼   │  │                 │
//!  parked: key │  │ final: success, attempts used up, canceled
//!  (promoted   │  ▼                 ▼
//!   when free) │ gone, with a final run ── a failure leaves a dead letter
//!              │
//!              └─ lease ended: attempts + 1 ──▶ parked: alone ──claim, one a node──▶ leased
//! ```

mod claim;
mod columns;
mod definitions;
mod inbox;
mod lane;
mod lease_renewer;
mod marks;
mod outcome;
mod record;
mod run;
mod store;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use super::metrics::Metrics;
use super::notice::Notices;
use crate::clients::postgres::Postgres;
use crate::pipeline::Executor;

use lane::Lane;
use lease_renewer::Holdings;
pub(crate) use lease_renewer::LeaseRenewer;
use marks::Marks;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How many runs at once.
    pub(crate) concurrency: usize,
    /// How long a lease lasts without renewal.
    pub(crate) lease: Duration,
    /// How long runs may go on after the node was told to stop.
    pub(crate) drain: Duration,
}

/// What the parts of a node's worker share.
pub(crate) struct Shared {
    /// The node's name, under which it sends heartbeats.
    pub(crate) node: String,
    pub(crate) executor: Executor,
    pub(crate) postgres: Arc<Postgres>,
    pub(crate) notices: Notices,
    pub(crate) pace: Pace,
    /// Where steps run: not where leases are renewed.
    pub(crate) steps: Handle,
    /// What is running, for those who renew and cancel.
    pub(crate) holdings: Arc<Holdings>,
    pub(crate) processed: AtomicU64,
    pub(crate) metrics: Arc<Metrics>,
    marks: Marks,
    /// There is more work than the first lane can take.
    plenty: Notify,
}

/// How many lanes a node has at least: while the database commits for one, the other's runs go on.
const LANES: usize = 2;
/// How many runs a lane has at most: their list has to fit into one page of the database.
const LANE_MAX: usize = 800;

impl Shared {
    /// What a node's worker needs. Nothing runs yet.
    pub(crate) fn new(
        node: String,
        executor: Executor,
        postgres: Arc<Postgres>,
        notices: Notices,
        pace: Pace,
        steps: Handle,
        metrics: Arc<Metrics>,
    ) -> Self {
        let holdings = Arc::new(Holdings::default());
        let (processed, marks, plenty) = (AtomicU64::new(0), Marks::default(), Notify::new());
        Self { node, executor, postgres, notices, pace, steps, holdings, processed, metrics, marks, plenty }
    }
}

/// Works until `stop` turns true, then drains. Returns when nothing is held any more.
pub(crate) async fn work(shared: Arc<Shared>, stop: watch::Receiver<bool>) {
    let concurrency = shared.pace.concurrency.max(1);
    let lanes = LANES.max(concurrency.div_ceil(LANE_MAX)).min(concurrency);
    let share = |lane: usize| {
        let (all, rest) = (concurrency / lanes, concurrency % lanes);
        all + usize::from(lane < rest)
    };
    let lanes = (0..lanes).map(|n| Lane::new(shared.clone(), n, share(n)).run(stop.clone()));
    futures_util::future::join_all(lanes).await;
}
