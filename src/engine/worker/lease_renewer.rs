//! Renews the leases of a node's workers and cancels runs on request (promise 3).
//!
//! It has its own thread, runtime and session, so neither a busy step nor a batch that waits for the
//! database delays it. A lane whose exchange with the database does not succeed gets one lease from its
//! beginning and no more: another node takes its rows. After one lease without a renewal it stops the
//! node's runs: other nodes may have claimed them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{broadcast, watch};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::NodeContext;
use super::cancel::StopReason;
use super::running_jobs::Renewals;
use crate::clients::ClientError;
use crate::clients::postgres::{Session, explain};
use crate::engine::notifier::Channel;
use crate::engine::progress::LoopProgress;
use crate::model::EngineLoop;
use crate::store::prepared::RenewalStatements;

const RENEWALS_PER_LEASE: u32 = 3;

/// A running renewal thread; it ends when this is dropped.
pub(crate) struct LeaseRenewer {
    stop: watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl LeaseRenewer {
    pub(crate) fn start(context: Arc<NodeContext>) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = watch::channel(false);
        // A renewal is due every third of a lease.
        let progress = context.progress.register_at_least(EngineLoop::LeaseRenewal, context.options.lease);
        let thread = std::thread::Builder::new()
            .name("lease-renewer".into())
            .spawn(move || runtime.block_on(renew_until_stopped(&context, &progress, stopped)))?;
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

async fn renew_until_stopped(
    context: &NodeContext,
    progress: &LoopProgress,
    mut stop: watch::Receiver<bool>,
) {
    let mut renewed_at = Instant::now();
    let mut notifications = context.notifier.subscribe();
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => return,
            error = session(context, progress, &mut renewed_at, &mut notifications) => {
                progress.fail(&error);
            }
        }
        if renewed_at.elapsed() >= context.options.lease {
            let workers = context.running_jobs.registered_workers();
            context.running_jobs.mark_dead(&workers, &[]);
        }
        tokio::time::sleep(context.options.lease / 20).await;
    }
}

/// Renews over one session until it fails.
async fn session(
    context: &NodeContext,
    progress: &LoopProgress,
    renewed_at: &mut Instant,
    notifications: &mut broadcast::Receiver<Channel>,
) -> ClientError {
    let interval = context.options.lease / RENEWALS_PER_LEASE;
    let session = match tokio::time::timeout(interval, RenewalSession::open(context)).await {
        Ok(Ok(session)) => session,
        Ok(Err(e)) => return e,
        Err(_) => return timed_out(),
    };
    loop {
        let sent = Instant::now();
        match tokio::time::timeout(interval, session.renew(context)).await {
            Ok(Ok(())) => {
                *renewed_at = sent;
                progress.succeed();
            }
            Ok(Err(e)) => return e,
            Err(_) => return timed_out(),
        }
        let next = tokio::time::sleep(interval.saturating_sub(sent.elapsed()));
        tokio::pin!(next);
        loop {
            tokio::select! {
                () = &mut next => break,
                channel = notifications.recv() => if matches!(channel, Ok(Channel::Cancel) | Err(broadcast::error::RecvError::Lagged(_))) {
                    match tokio::time::timeout(interval, session.stop_canceled(context)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(e)) => return e,
                        Err(_) => return timed_out(),
                    }
                }
            }
        }
    }
}

fn timed_out() -> ClientError {
    ClientError::unreachable("postgresql", "no answer within a third of the lease")
}

struct RenewalSession {
    session: Session,
    statements: RenewalStatements,
    hostname: String,
}

impl RenewalSession {
    async fn open(context: &NodeContext) -> Result<Self, ClientError> {
        let session = context.postgres.session().await?;
        let statements = RenewalStatements::prepare(&session).await?;
        let hostname = sysinfo::System::host_name().unwrap_or_else(|_| "?".into());
        Ok(Self { session, statements, hostname })
    }

    async fn renew(&self, context: &NodeContext) -> Result<(), ClientError> {
        let failed = |e: tokio_postgres::Error| explain(&e);
        let lease = context.options.lease.as_secs_f64();
        let Renewals { workers, seconds, stalled } = context.running_jobs.renewals(context.options.lease);
        context.running_jobs.mark_dead(&stalled, &[]);
        let alive =
            self.session.query(&self.statements.renew, &[&workers, &seconds]).await.map_err(failed)?;
        let alive =
            alive.iter().map(|r| r.try_get("id")).collect::<Result<Vec<String>, _>>().map_err(failed)?;
        context.running_jobs.mark_dead(&workers, &alive);
        let (ids, tokens) = context.running_jobs.older_than(context.options.lease / RENEWALS_PER_LEASE);
        if !ids.is_empty() {
            let rows = self
                .session
                .query(&self.statements.renew_rows, &[&ids, &tokens, &lease])
                .await
                .map_err(failed)?;
            let mut lost = tokens;
            for row in rows {
                let token: Uuid = row.try_get("lease_token").map_err(failed)?;
                lost.retain(|t| *t != token);
                if row.try_get("cancel").map_err(failed)? {
                    context.running_jobs.stop(token, StopReason::Canceled);
                }
            }
            lost.into_iter().for_each(|token| context.running_jobs.stop(token, StopReason::LeaseLost));
        }
        let processed = context.processed.load(std::sync::atomic::Ordering::Relaxed).cast_signed();
        let pid = std::process::id().cast_signed();
        let values: [&(dyn ToSql + Sync); 4] = [&context.node, &processed, &pid, &self.hostname];
        self.session.execute(&self.statements.heartbeat, &values).await.map_err(failed)?;
        context.metrics.worker_heartbeat_total.inc();
        Ok(())
    }

    async fn stop_canceled(&self, context: &NodeContext) -> Result<(), ClientError> {
        let failed = |e: tokio_postgres::Error| explain(&e);
        let (ids, tokens) = context.running_jobs.older_than(Duration::ZERO);
        for row in self.session.query(&self.statements.canceled, &[&ids, &tokens]).await.map_err(failed)? {
            context.running_jobs.stop(row.try_get("lease_token").map_err(failed)?, StopReason::Canceled);
        }
        Ok(())
    }
}
