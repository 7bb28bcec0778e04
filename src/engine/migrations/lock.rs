//! The session that migrates: alone, because it holds an advisory lock.

use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::error::SqlState;

use super::{MigrationError, Options};
use crate::clients::postgres::{Postgres, Session, explain};
use crate::engine::sql;

/// How long to wait between two questions whether the lock is free.
const POLL: Duration = Duration::from_millis(100);

/// A session that holds the migration lock. It ends, and the lock with it, when dropped.
pub(super) struct Locked {
    pub session: Session,
}

impl Locked {
    /// Takes the lock, by asking again and again.
    pub async fn take(postgres: &Postgres, options: &Options) -> Result<Self, MigrationError> {
        let session = postgres.session().await?;
        session.batch_execute(&sql("migrate/session")?).await.map_err(|e| explain(&e))?;
        let ask = sql("migrate/try_lock")?;
        let end = Instant::now() + options.wait;
        loop {
            let row = session.query_typed_one(&ask, &[]).await.map_err(|e| explain(&e))?;
            if row.try_get("locked").map_err(|e| explain(&e))? {
                let locked = Self { session };
                locked.verify().await?;
                return Ok(locked);
            }
            if Instant::now() >= end {
                return Err(MigrationError::Busy(options.wait));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Makes sure that the lock belongs to the session that runs our statements. A transaction
    /// pooler hands out another one for each transaction.
    pub async fn verify(&self) -> Result<(), MigrationError> {
        holds(self.session.query_typed_one(&sql("migrate/holds_lock")?, &[]).await)
    }

    /// Gives the lock back, so that the next node need not wait for the session's end.
    pub async fn release(self) -> Result<(), MigrationError> {
        self.session.query_typed_one(&sql("migrate/unlock")?, &[]).await.map_err(|e| explain(&e))?;
        Ok(())
    }
}

/// Reads the answer to `migrate/holds_lock`.
pub(super) fn holds(
    answer: Result<tokio_postgres::Row, tokio_postgres::Error>,
) -> Result<(), MigrationError> {
    let holds: bool = answer.and_then(|row| row.try_get("locked")).map_err(|e| explain(&e))?;
    if holds { Ok(()) } else { Err(MigrationError::NoSession) }
}

/// How one try of a statement ended.
pub(super) enum Try {
    /// The table was in use; nothing has happened.
    InUse,
    /// It cannot be done.
    Failed(MigrationError),
}

impl Try {
    /// Sorts a refused statement.
    pub fn from(name: &str, error: &tokio_postgres::Error) -> Self {
        let in_use = [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED];
        if error.code().is_some_and(|code| in_use.contains(code)) {
            return Self::InUse;
        }
        Self::Failed(match explain(error) {
            cause if cause.may_pass() => MigrationError::Client(cause),
            cause => MigrationError::Failed { name: name.to_owned(), cause },
        })
    }
}

impl From<MigrationError> for Try {
    fn from(e: MigrationError) -> Self {
        Self::Failed(e)
    }
}

/// Tries until the table is free, standing back in between. Returns the number of tries.
pub(super) async fn persist(
    name: &str,
    options: &Options,
    mut attempt: impl AsyncFnMut() -> Result<(), Try>,
) -> Result<u32, MigrationError> {
    for tries in 1.. {
        match attempt().await {
            Ok(()) => return Ok(tries),
            Err(Try::Failed(e)) => return Err(e),
            Err(Try::InUse) if tries >= options.tries => break,
            Err(Try::InUse) => tokio::time::sleep(options.pause).await,
        }
    }
    Err(MigrationError::Blocked { name: name.to_owned(), tries: options.tries })
}
