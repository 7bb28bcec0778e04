//! A node: one process that runs any mix of roles on one database (promise 5).
//!
//! Each role uses its own sessions and keeps no state that another node could not take over.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::events::consumer::run_consumer;
use super::events::relay::run_relay;
use super::metrics::Metrics;
use super::notifier::{Notifier, node_name};
use super::progress::{Progress, run_reporter};
use super::worker::{LeaseRenewer, NodeContext, WorkerOptions, work};
use super::{condition, reaper, retention, sampling, scheduler};
use crate::base::settings::Retention;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, RawText, explain};
use crate::clients::redis::Redis;
use crate::model::EngineLoop;
use crate::pipeline::Executor;
use crate::store::Store;
use crate::store::prepared::{DatabaseTexts, HeartbeatEnd};

/// Statement timeout for the event stream and for samples.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Api,
    /// Queues the occurrences of schedules and conditions.
    Scheduler,
    Worker,
}

/// The running roles of a node, except the API.
pub(crate) struct Node {
    name: String,
    notifier: Notifier,
    context: Arc<NodeContext>,
    stop: watch::Sender<bool>,
    /// Stops the notifier, after everything else.
    stop_notifier: watch::Sender<bool>,
    lease_renewer: Option<LeaseRenewer>,
    tasks: JoinSet<()>,
    notifier_task: tokio::task::JoinHandle<()>,
}

impl Node {
    /// Starts the roles. Steps run on `steps`, everything else on the current runtime.
    pub(crate) fn start(
        mut executor: Executor,
        postgres: Arc<Postgres>,
        roles: &BTreeSet<Role>,
        options: WorkerOptions,
        steps: Handle,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Self> {
        let name = node_name();
        let notifier = Notifier::new(&name);
        executor.ctx.observer = Arc::new(notifier.clone());
        let (stop, stop_notifier) = (watch::Sender::new(false), watch::Sender::new(false));
        let (retention, stream) =
            (executor.ctx.settings.engine.retention, executor.ctx.settings.redis.url.is_some());
        let context = Arc::new(NodeContext::new(
            name.clone(),
            executor,
            postgres.clone(),
            notifier.clone(),
            options,
            steps,
            metrics.clone(),
        ));
        let progress = context.progress.clone();
        let mut tasks = JoinSet::new();
        let mut lease_renewer = None;
        if roles.contains(&Role::Scheduler) {
            tasks.spawn(condition::run_evaluator(
                context.clone(),
                progress.register(EngineLoop::Conditions),
                stop.subscribe(),
            ));
            tasks.spawn(scheduler::run_scheduler(
                postgres.clone(),
                notifier.clone(),
                metrics.clone(),
                progress.register(EngineLoop::Scheduler),
                stop.subscribe(),
            ));
        }
        if roles.contains(&Role::Worker) {
            lease_renewer = Some(LeaseRenewer::start(context.clone())?);
            start_worker(&mut tasks, &context, retention, stream, &stop);
        }
        if roles.contains(&Role::Scheduler) || roles.contains(&Role::Worker) {
            tasks.spawn(sampling::run_sampling(
                store(&context),
                progress.register(EngineLoop::Sampling),
                stop.subscribe(),
            ));
        }
        if roles.contains(&Role::Scheduler) || roles.contains(&Role::Api) {
            start_event_stream(&mut tasks, &context, &metrics, &stop);
        }
        tasks.spawn(run_reporter(progress, store(&context), name.clone(), stop.subscribe()));
        let notifier_task = spawn_notifier(notifier.clone(), postgres, stop_notifier.subscribe());
        Ok(Self { name, notifier, context, stop, stop_notifier, lease_renewer, tasks, notifier_task })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn progress(&self) -> &Arc<Progress> {
        &self.context.progress
    }

    pub(crate) fn notifier(&self) -> &Notifier {
        &self.notifier
    }

    /// Turns true when the node stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// How many jobs are running.
    pub(crate) fn running(&self) -> usize {
        self.context.running_jobs.count()
    }

    /// Stops claiming and scheduling, waits for runs until the drain timeout, hands back the rest and
    /// unregisters.
    pub(crate) async fn drain(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        // Joins the renewal thread, which may wait for the database's answer.
        drop(tokio::task::spawn_blocking(move || drop(self.lease_renewer)).await);
        let removed = remove_heartbeat(&self.context.postgres, &self.name);
        if !matches!(tokio::time::timeout(Duration::from_secs(2), removed).await, Ok(Ok(()))) {
            tracing::warn!(node = %self.name, "heartbeat row was not removed");
        }
        self.stop_notifier.send_replace(true);
        drop(self.notifier_task.await);
    }
}

fn store(context: &NodeContext) -> Store {
    Store::new(context.postgres.clone(), context.executor.ctx.library.clone(), STATEMENT_TIMEOUT)
}

fn spawn_notifier(
    notifier: Notifier,
    postgres: Arc<Postgres>,
    mut stop: watch::Receiver<bool>,
) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        tokio::select! {
            () = notifier.run(&postgres) => {}
            _ = stop.wait_for(|s| *s) => {}
        }
    })
}

/// Starts the lanes, the reaper and, if configured, retention.
fn start_worker(
    tasks: &mut JoinSet<()>,
    context: &Arc<NodeContext>,
    retention: Retention,
    stream: bool,
    stop: &watch::Sender<bool>,
) {
    let (postgres, progress) = (&context.postgres, &context.progress);
    tasks.spawn(work(context.clone(), stop.subscribe()));
    tasks.spawn(reaper::run_reaper(
        postgres.clone(),
        context.notifier.clone(),
        context.options.lease,
        progress.register(EngineLoop::Reaper),
        stop.subscribe(),
    ));
    if !retention.is_off() {
        let progress = progress.register(EngineLoop::Retention);
        tasks.spawn(retention::run_retention(
            postgres.clone(),
            retention,
            stream,
            progress,
            stop.subscribe(),
        ));
    }
}

/// Starts the relay and the consumer of the event stream if Redis is configured.
fn start_event_stream(
    tasks: &mut JoinSet<()>,
    context: &NodeContext,
    metrics: &Arc<Metrics>,
    stop: &watch::Sender<bool>,
) {
    let settings = &context.executor.ctx.settings.redis;
    // Separate connections: a blocking read would delay the commands behind it.
    let (relay_redis, consumer_redis) = match (Redis::new(settings), Redis::new(settings)) {
        (Ok(relay), Ok(consumer)) => (relay, consumer),
        (Err(ClientError::NotConfigured { .. }), _) => return,
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(%error, "event stream disabled: cannot create a Redis client");
            return;
        }
    };
    let (postgres, notifier) = (context.postgres.clone(), context.notifier.clone());
    tasks.spawn(run_relay(
        postgres,
        Arc::new(relay_redis),
        notifier.clone(),
        metrics.clone(),
        context.progress.register(EngineLoop::Relay),
        stop.subscribe(),
    ));
    let name = context.node.clone();
    tasks.spawn(run_consumer(
        store(context),
        Arc::new(consumer_redis),
        name,
        notifier,
        metrics.clone(),
        context.progress.register(EngineLoop::Consumer),
        stop.subscribe(),
    ));
}

async fn remove_heartbeat(postgres: &Postgres, node: &str) -> Result<(), ClientError> {
    let session = postgres.session().await?;
    let statement = HeartbeatEnd::prepare(&session).await?.delete;
    session.execute(&statement, &[&node]).await.map_err(|e| explain(&e)).map(drop)
}

/// Why Ordinaut's scheduler or workers seem to run on this database; None when nothing indicates it.
pub(crate) async fn running_upstream(postgres: &Postgres) -> Result<Option<String>, ClientError> {
    let text = DatabaseTexts::load()?.running_upstream;
    let session = postgres.get().await?;
    let row = session.query_typed_one(&text, &[]).await.map_err(|e| explain(&e))?;
    let workers: Option<RawText> = row.try_get("workers").map_err(|e| explain(&e))?;
    let scheduler: bool = row.try_get("scheduler").map_err(|e| explain(&e))?;
    Ok(match (workers, scheduler) {
        (Some(workers), _) => {
            Some(format!("Ordinaut workers are running on this database: {}", workers.lossy()))
        }
        (None, true) => {
            Some("an Ordinaut scheduler is running on this database: it updates its job store".to_owned())
        }
        (None, false) => None,
    })
}
