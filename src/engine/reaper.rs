//! The reaper: takes over from workers whose lease has ended, within a second (promise 3). After it could not
//! reach the database for half a lease, it waits one lease, so that workers can renew and record outcomes.
//!
//! Every node with the worker role runs one; concurrent reapers do not conflict. A periodic sweep
//! repairs rows that no other path reaches: leases of unknown workers and free concurrency keys.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_postgres::Row;

use super::notifier::{Channel, Notifier};
use super::progress::LoopProgress;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, RawText, Session, explain};
use crate::store::prepared::ReaperStatements;

/// How often it looks for ended leases.
const POLL: Duration = Duration::from_millis(500);
/// How often it sweeps; a sweep reads the whole queue.
const SWEEP_INTERVAL: Duration = Duration::from_secs(15);
/// After an outage it takes over nothing for at least this long: the time in which workers reconnect.
const PAUSE_MIN: Duration = Duration::from_secs(6);

/// Reaps until `stop` turns true.
pub(crate) async fn run_reaper(
    postgres: Arc<Postgres>,
    notifier: Notifier,
    lease: Duration,
    progress: Arc<LoopProgress>,
    mut stop: watch::Receiver<bool>,
) {
    let mut answered = Instant::now();
    loop {
        let error = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => return,
            error = session(&postgres, &notifier, lease, &mut answered, &progress) => error,
        };
        tokio::time::sleep(progress.fail(&error)).await;
    }
}

async fn session(
    postgres: &Postgres,
    notifier: &Notifier,
    lease: Duration,
    answered: &mut Instant,
    progress: &LoopProgress,
) -> ClientError {
    let reaper = match ReaperSession::open(postgres).await {
        Ok(reaper) => reaper,
        Err(e) => return e,
    };
    // While the database was away, nobody could renew a lease or record an outcome.
    let was_away = answered.elapsed() > lease / 2;
    let pause = if was_away { lease.max(PAUSE_MIN) } else { Duration::ZERO };
    let take_over_at = Instant::now() + pause;
    // Nodes that start together must not sweep together.
    let mut sweep_at = Instant::now() + SWEEP_INTERVAL.mul_f64(fastrand::f64());
    loop {
        let taken = match Instant::now() >= take_over_at {
            true => reaper.take_over(lease.as_secs_f64()).await,
            false => reaper.dead_workers(lease.as_secs_f64()).await.map(|_| 0),
        };
        let freed = match taken {
            Ok(freed) => freed,
            Err(e) => return explain(&e),
        };
        *answered = Instant::now();
        let mut has_work = freed > 0;
        if Instant::now() >= sweep_at {
            sweep_at = Instant::now() + SWEEP_INTERVAL;
            match reaper.sweep().await {
                Ok(repaired) => has_work |= repaired,
                Err(e) => return explain(&e),
            }
        }
        // A pause proves nothing: the next attempt may fail again.
        if Instant::now() >= take_over_at {
            progress.succeed();
        }
        if has_work {
            notifier.notify(Channel::Due);
        }
        tokio::time::sleep(POLL).await;
    }
}

struct ReaperSession {
    session: Session,
    statements: ReaperStatements,
}

impl ReaperSession {
    async fn open(postgres: &Postgres) -> Result<Self, ClientError> {
        let session = postgres.session().await?;
        let statements = ReaperStatements::prepare(&session).await?;
        Ok(Self { session, statements })
    }

    async fn dead_workers(&self, lease: f64) -> Result<Vec<Row>, tokio_postgres::Error> {
        self.session.query(&self.statements.dead_workers, &[&lease]).await
    }

    /// Takes over from every dead worker. Returns how many rows can run again.
    async fn take_over(&self, lease: f64) -> Result<i64, tokio_postgres::Error> {
        let mut freed = 0;
        for dead in self.dead_workers(lease).await? {
            let worker: RawText = dead.try_get("id")?;
            let row = self.session.query_one(&self.statements.take_over, &[&worker, &lease]).await?;
            if row.try_get::<_, i64>("workers")? == 0 {
                continue;
            }
            let (requeued, ended): (i64, i64) = (row.try_get("freed")?, row.try_get("ended")?);
            let worker = worker.lossy();
            tracing::warn!(%worker, requeued, ended, "took over the work of a worker whose lease has ended");
            let keys: Vec<RawText> = row.try_get("keys")?;
            self.promote(&keys).await?;
            freed += requeued;
        }
        Ok(freed)
    }

    async fn promote(&self, keys: &[RawText]) -> Result<(), tokio_postgres::Error> {
        if !keys.is_empty() {
            self.session.execute(&self.statements.promote, &[&keys]).await?;
        }
        Ok(())
    }

    /// Returns whether anything was repaired.
    async fn sweep(&self) -> Result<bool, tokio_postgres::Error> {
        let row = self.session.query_one(&self.statements.sweep, &[]).await?;
        let keys: Vec<RawText> = row.try_get("keys")?;
        self.promote(&keys).await?;
        self.session.execute(&self.statements.delete_expired, &[]).await?;
        let released: i64 = row.try_get("released")?;
        if released > 0 {
            tracing::warn!(released, "released leases of unknown workers");
        }
        Ok(released > 0 || !keys.is_empty())
    }
}
