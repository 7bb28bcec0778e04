//! The reaper: takes over from workers whose lease has ended, and mends what no path leads to.
//! Every node that works has one; they do not get in each other's way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_postgres::Statement;

use super::notice::{Notices, Subject};
use super::prepared;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, Session, explain};

/// How often it looks for ended leases.
const LOOK: Duration = Duration::from_millis(500);
/// How often it looks for what is lost otherwise; this reads the whole queue.
const SWEEP: Duration = Duration::from_secs(15);

/// Reaps until `stop` turns true.
pub(crate) async fn reap(
    postgres: Arc<Postgres>,
    notices: Notices,
    lease: Duration,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let error = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => return,
            error = session(&postgres, &notices, lease) => error,
        };
        tracing::warn!(%error, "the reaper's session is lost");
        tokio::time::sleep(LOOK).await;
    }
}

async fn session(postgres: &Postgres, notices: &Notices, lease: Duration) -> ClientError {
    let reaper = match Reaper::open(postgres).await {
        Ok(reaper) => reaper,
        Err(e) => return e,
    };
    // Nodes that start together should not sweep together.
    let mut sweep_at = Instant::now() + SWEEP.mul_f64(fastrand::f64());
    loop {
        let freed = match reaper.take_over(lease.as_secs_f64()).await {
            Ok(freed) => freed,
            Err(e) => return explain(&e),
        };
        let mut told = freed > 0;
        if Instant::now() >= sweep_at {
            sweep_at = Instant::now() + SWEEP;
            match reaper.sweep().await {
                Ok(mended) => told |= mended,
                Err(e) => return explain(&e),
            }
        }
        if told {
            notices.tell(Subject::Due);
        }
        tokio::time::sleep(LOOK).await;
    }
}

struct Reaper {
    session: Session,
    dead: Statement,
    take_over: Statement,
    sweep: Statement,
    promote: Statement,
    forget: Statement,
}

impl Reaper {
    async fn open(postgres: &Postgres) -> Result<Self, ClientError> {
        let session = postgres.session().await?;
        let statement = async |name: &str| prepared(&session, name).await;
        Ok(Self {
            dead: statement("work/dead_workers").await?,
            take_over: statement("work/take_over").await?,
            sweep: statement("work/sweep").await?,
            promote: statement("work/promote").await?,
            forget: statement("idempotency/delete_expired").await?,
            session,
        })
    }

    /// Takes over from every dead worker. Returns how many rows may run again.
    async fn take_over(&self, lease: f64) -> Result<i64, tokio_postgres::Error> {
        let mut freed = 0;
        for dead in self.session.query(&self.dead, &[&lease]).await? {
            let worker: String = dead.try_get("id")?;
            let row = self.session.query_one(&self.take_over, &[&worker, &lease]).await?;
            if row.try_get::<_, i64>("workers")? == 0 {
                continue;
            }
            let (again, ended): (i64, i64) = (row.try_get("freed")?, row.try_get("ended")?);
            tracing::warn!(%worker, again, ended, "took over from a worker whose lease had ended");
            let keys: Vec<String> = row.try_get("keys")?;
            self.promote(&keys).await?;
            freed += again;
        }
        Ok(freed)
    }

    async fn promote(&self, keys: &[String]) -> Result<(), tokio_postgres::Error> {
        if !keys.is_empty() {
            self.session.execute(&self.promote, &[&keys]).await?;
        }
        Ok(())
    }

    /// Returns whether there was anything to mend.
    async fn sweep(&self) -> Result<bool, tokio_postgres::Error> {
        let row = self.session.query_one(&self.sweep, &[]).await?;
        let keys: Vec<String> = row.try_get("keys")?;
        self.promote(&keys).await?;
        self.session.execute(&self.forget, &[]).await?;
        let released: i64 = row.try_get("released")?;
        if released > 0 {
            tracing::warn!(released, "released leases of workers that nobody knows");
        }
        Ok(released > 0 || !keys.is_empty())
    }
}
