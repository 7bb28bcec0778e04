//! The beat: renews the leases of a node's workers, and hears of runs that are to be canceled.
//!
//! It runs on a thread with a runtime and a session of its own: neither a step that computes
//! without end nor a batch that waits for the database can delay it. When it has not been able to
//! renew for the length of a lease, it stops the node's runs: by then others may have them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{broadcast, watch};
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::Shared;
use super::run::{CancelHandle, Reason};
use crate::clients::ClientError;
use crate::clients::postgres::{Session, explain};
use crate::engine::notice::Subject;
use crate::engine::prepared;

/// How often each lease is renewed in its length.
const RENEWALS: u32 = 3;

/// What a node holds, for those who renew and cancel.
#[derive(Default)]
pub(crate) struct Holdings {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The workers' ids, whether they are registered, and what tells each that it was declared dead.
    workers: HashMap<String, (bool, watch::Sender<bool>)>,
    runs: HashMap<Uuid, Holding>,
}

struct Holding {
    id: i64,
    since: Instant,
    brake: CancelHandle,
}

impl Holdings {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Whoever panicked with it left whole entries: each change is one insertion or removal.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A worker enters; the receiver turns true when it is declared dead.
    pub(crate) fn enter(&self, worker: &str) -> watch::Receiver<bool> {
        let sender = watch::Sender::new(false);
        let receiver = sender.subscribe();
        self.lock().workers.insert(worker.to_owned(), (false, sender));
        receiver
    }

    /// A worker is registered: from now on its lease is renewed.
    pub(crate) fn registered(&self, worker: &str) {
        if let Some((registered, _)) = self.lock().workers.get_mut(worker) {
            *registered = true;
        }
    }

    pub(crate) fn leave(&self, worker: &str) {
        self.lock().workers.remove(worker);
    }

    pub(crate) fn begin(&self, token: Uuid, id: i64, brake: CancelHandle) {
        self.lock().runs.insert(token, Holding { id, since: Instant::now(), brake });
    }

    pub(crate) fn end(&self, token: Uuid) {
        self.lock().runs.remove(&token);
    }

    /// How many runs are going on.
    pub(crate) fn running(&self) -> usize {
        self.lock().runs.len()
    }

    fn workers(&self) -> Vec<String> {
        self.lock()
            .workers
            .iter()
            .filter(|(_, (registered, _))| *registered)
            .map(|(w, _)| w.clone())
            .collect()
    }

    /// Rows and tokens of what has been running for at least so long.
    fn runs(&self, age: Duration) -> (Vec<i64>, Vec<Uuid>) {
        let state = self.lock();
        state.runs.iter().filter(|(_, h)| h.since.elapsed() >= age).map(|(t, h)| (h.id, *t)).unzip()
    }

    fn stop(&self, token: Uuid, reason: Reason) {
        if let Some(holding) = self.lock().runs.get(&token) {
            holding.brake.pull(reason);
        }
    }

    /// Workers that are not among these were declared dead.
    fn only(&self, asked: &[String], alive: &[String]) {
        let state = self.lock();
        for worker in asked.iter().filter(|w| !alive.contains(w)) {
            if let Some((_, dead)) = state.workers.get(worker) {
                dead.send_replace(true);
            }
        }
    }
}

/// A running beat; ends when dropped.
pub(crate) struct LeaseRenewer {
    stop: watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl LeaseRenewer {
    pub(crate) fn start(shared: Arc<Shared>) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = watch::channel(false);
        let thread = std::thread::Builder::new()
            .name("beat".into())
            .spawn(move || runtime.block_on(beat(&shared, stopped)))?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for LeaseRenewer {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

async fn beat(shared: &Shared, mut stop: watch::Receiver<bool>) {
    let mut last = Instant::now();
    let mut heard = shared.notices.hear();
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => return,
            error = session(shared, &mut last, &mut heard) => {
                tracing::warn!(%error, "leases cannot be renewed");
            }
        }
        if last.elapsed() >= shared.pace.lease {
            let workers = shared.holdings.workers();
            shared.holdings.only(&workers, &[]);
        }
        tokio::time::sleep(shared.pace.lease / 20).await;
    }
}

/// Renews over one session until it breaks.
async fn session(
    shared: &Shared,
    last: &mut Instant,
    heard: &mut broadcast::Receiver<Subject>,
) -> ClientError {
    let turn = shared.pace.lease / RENEWALS;
    let pen = match tokio::time::timeout(turn, Pen::new(shared)).await {
        Ok(Ok(pen)) => pen,
        Ok(Err(e)) => return e,
        Err(_) => return ClientError::unreachable("postgresql", "no session in time"),
    };
    loop {
        let sent = Instant::now();
        match tokio::time::timeout(turn, pen.renew(shared)).await {
            Ok(Ok(())) => *last = sent,
            Ok(Err(e)) => return e,
            Err(_) => return ClientError::unreachable("postgresql", "no answer in time"),
        }
        let next = tokio::time::sleep(turn.saturating_sub(sent.elapsed()));
        tokio::pin!(next);
        loop {
            tokio::select! {
                () = &mut next => break,
                subject = heard.recv() => if matches!(subject, Ok(Subject::Cancel) | Err(broadcast::error::RecvError::Lagged(_))) {
                    match tokio::time::timeout(turn, pen.cancel(shared)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(e)) => return e,
                        Err(_) => return ClientError::unreachable("postgresql", "no answer in time"),
                    }
                }
            }
        }
    }
}

/// A session with the beat's statements.
struct Pen {
    session: Session,
    renew: Statement,
    renew_rows: Statement,
    canceled: Statement,
    heartbeat: Statement,
    hostname: String,
}

impl Pen {
    async fn new(shared: &Shared) -> Result<Self, ClientError> {
        let session = shared.postgres.session().await?;
        let statement = async |name: &str| prepared(&session, &format!("work/{name}")).await;
        Ok(Self {
            renew: statement("renew").await?,
            renew_rows: statement("renew_rows").await?,
            canceled: statement("canceled").await?,
            heartbeat: statement("heartbeat").await?,
            hostname: sysinfo::System::host_name().unwrap_or_else(|_| "?".into()),
            session,
        })
    }

    async fn renew(&self, shared: &Shared) -> Result<(), ClientError> {
        let failed = |e: tokio_postgres::Error| explain(&e);
        let lease = shared.pace.lease.as_secs_f64();
        let workers = shared.holdings.workers();
        let alive = self.session.query(&self.renew, &[&workers, &lease]).await.map_err(failed)?;
        let alive =
            alive.iter().map(|r| r.try_get("id")).collect::<Result<Vec<String>, _>>().map_err(failed)?;
        shared.holdings.only(&workers, &alive);
        let (ids, tokens) = shared.holdings.runs(shared.pace.lease / RENEWALS);
        if !ids.is_empty() {
            let rows =
                self.session.query(&self.renew_rows, &[&ids, &tokens, &lease]).await.map_err(failed)?;
            let mut lost = tokens;
            for row in rows {
                let token: Uuid = row.try_get("lease_token").map_err(failed)?;
                lost.retain(|t| *t != token);
                if row.try_get("cancel").map_err(failed)? {
                    shared.holdings.stop(token, Reason::Canceled);
                }
            }
            lost.into_iter().for_each(|token| shared.holdings.stop(token, Reason::Lost));
        }
        let processed = shared.processed.load(std::sync::atomic::Ordering::Relaxed).cast_signed();
        let pid = std::process::id().cast_signed();
        let values: [&(dyn ToSql + Sync); 4] = [&shared.node, &processed, &pid, &self.hostname];
        self.session.execute(&self.heartbeat, &values).await.map_err(failed)?;
        shared.metrics.worker_heartbeat_total.inc();
        Ok(())
    }

    async fn cancel(&self, shared: &Shared) -> Result<(), ClientError> {
        let failed = |e: tokio_postgres::Error| explain(&e);
        let (ids, tokens) = shared.holdings.runs(Duration::ZERO);
        for row in self.session.query(&self.canceled, &[&ids, &tokens]).await.map_err(failed)? {
            shared.holdings.stop(row.try_get("lease_token").map_err(failed)?, Reason::Canceled);
        }
        Ok(())
    }
}
