//! A node: one process with any mix of roles on one database.
//!
//! Each role keeps to sessions of its own and holds nothing that another could not take over.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::events::consumer::consume;
use super::events::relay::relay;
use super::metrics::Metrics;
use super::notice::{Notices, node_name};
use super::worker::{LeaseRenewer, Pace, Shared, work};
use super::{condition, prepared, reaper, retention, sampling, scheduler, sql};
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, explain};
use crate::clients::redis::Redis;
use crate::pipeline::Executor;
use crate::store::Store;

/// How long one statement of the event stream, or of a sample, may take.
const STATEMENT: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Api,
    /// Queues what schedules and conditions ask for.
    Scheduler,
    Worker,
}

/// The scheduler and worker of a node, running.
pub(crate) struct Node {
    name: String,
    notices: Notices,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    /// Ends last: notices go out to the end.
    end: watch::Sender<bool>,
    beat: Option<LeaseRenewer>,
    tasks: JoinSet<()>,
    carrier: tokio::task::JoinHandle<()>,
}

impl Node {
    /// Starts the roles. Steps run on `steps`, everything else where this is called.
    pub(crate) fn start(
        mut executor: Executor,
        postgres: Arc<Postgres>,
        roles: &BTreeSet<Role>,
        pace: Pace,
        steps: Handle,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Self> {
        let name = node_name();
        let notices = Notices::new(&name);
        executor.ctx.observer = Arc::new(notices.clone());
        let (stop, end) = (watch::Sender::new(false), watch::Sender::new(false));
        let counted = metrics.clone();
        let (kept, stream) =
            (executor.ctx.settings.engine.retention, executor.ctx.settings.redis.url.is_some());
        let shared =
            Shared::new(name.clone(), executor, postgres.clone(), notices.clone(), pace, steps, metrics);
        let shared = Arc::new(shared);
        let mut tasks = JoinSet::new();
        let mut beat = None;
        if roles.contains(&Role::Scheduler) {
            tasks.spawn(condition::watch(shared.clone(), stop.subscribe()));
            tasks.spawn(scheduler::schedule(
                postgres.clone(),
                notices.clone(),
                counted.clone(),
                stop.subscribe(),
            ));
        }
        if roles.contains(&Role::Worker) {
            beat = Some(LeaseRenewer::start(shared.clone())?);
            tasks.spawn(work(shared.clone(), stop.subscribe()));
            tasks.spawn(reaper::reap(postgres.clone(), notices.clone(), pace.lease, stop.subscribe()));
            tasks.spawn(retention::retain(postgres.clone(), kept, stream, stop.subscribe()));
        }
        if roles.contains(&Role::Scheduler) || roles.contains(&Role::Worker) {
            let library = shared.executor.ctx.library.clone();
            let store = Store::new(postgres.clone(), library, STATEMENT);
            tasks.spawn(sampling::sample(store, stop.subscribe()));
        }
        if roles.contains(&Role::Scheduler) || roles.contains(&Role::Api) {
            events(&mut tasks, &shared, &counted, &stop);
        }
        let carried = (notices.clone(), end.subscribe());
        let carrier = tokio::spawn(async move {
            let (notices, mut end) = carried;
            tokio::select! {
                () = notices.carry(&postgres) => {}
                _ = end.wait_for(|e| *e) => {}
            }
        });
        Ok(Self { name, notices, shared, stop, end, beat, tasks, carrier })
    }

    /// What it hears and tells.
    pub(crate) fn notices(&self) -> &Notices {
        &self.notices
    }

    /// What turns true when it stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// How many runs are going on.
    pub(crate) fn running(&self) -> usize {
        self.shared.holdings.running()
    }

    /// Stops claiming and scheduling, waits for the runs up to the pace's deadline, hands back
    /// the rest and leaves.
    pub(crate) async fn drain(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        // The beat's thread is joined; that takes as long as its last answer.
        drop(tokio::task::spawn_blocking(move || drop(self.beat)).await);
        let left = leave(&self.shared.postgres, &self.name);
        if !matches!(tokio::time::timeout(Duration::from_secs(2), left).await, Ok(Ok(()))) {
            tracing::warn!("the last heartbeat stays in the table");
        }
        self.end.send_replace(true);
        drop(self.carrier.await);
    }
}

/// The way to Redis and back, where there is a Redis.
fn events(tasks: &mut JoinSet<()>, shared: &Shared, metrics: &Arc<Metrics>, stop: &watch::Sender<bool>) {
    let settings = &shared.executor.ctx.settings.redis;
    // A connection each: a read that waits would keep what comes after it waiting.
    let (out, back) = match (Redis::new(settings), Redis::new(settings)) {
        (Ok(out), Ok(back)) => (out, back),
        (Err(ClientError::NotConfigured { .. }), _) => return,
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(%error, "events go to no stream, and none is read");
            return;
        }
    };
    let store = Store::new(shared.postgres.clone(), shared.executor.ctx.library.clone(), STATEMENT);
    let (postgres, notices) = (shared.postgres.clone(), shared.notices.clone());
    tasks.spawn(relay(postgres, Arc::new(out), notices.clone(), metrics.clone(), stop.subscribe()));
    let name = shared.node.clone();
    tasks.spawn(consume(store, Arc::new(back), name, notices, metrics.clone(), stop.subscribe()));
}

async fn leave(postgres: &Postgres, node: &str) -> Result<(), ClientError> {
    let session = postgres.session().await?;
    let statement = prepared(&session, "work/heartbeat_end").await?;
    session.execute(&statement, &[&node]).await.map_err(|e| explain(&e)).map(drop)
}

/// A sign that upstream's scheduler or workers run on this database, in words.
pub(crate) async fn upstream_alive(postgres: &Postgres) -> Result<Option<String>, ClientError> {
    let text = sql("upstream_alive")?;
    let session = postgres.get().await?;
    let row = session.query_typed_one(&text, &[]).await.map_err(|e| explain(&e))?;
    let workers: Option<String> = row.try_get("workers").map_err(|e| explain(&e))?;
    let scheduler: bool = row.try_get("scheduler").map_err(|e| explain(&e))?;
    Ok(match (workers, scheduler) {
        (Some(workers), _) => Some(format!("upstream's workers send heartbeats: {workers}")),
        (None, true) => Some("upstream's scheduler keeps its jobs up to date".to_owned()),
        (None, false) => None,
    })
}
