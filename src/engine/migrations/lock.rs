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
    pub(crate) session: Session,
}

impl Locked {
    /// Takes the lock, by asking again and again.
    pub(crate) async fn take(postgres: &Postgres, options: &Options) -> Result<Self, MigrationError> {
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
    pub(crate) async fn verify(&self) -> Result<(), MigrationError> {
        holds(self.session.query_typed_one(&sql("migrate/holds_lock")?, &[]).await)
    }

    /// Gives the lock back, so that the next node need not wait for the session's end.
    pub(crate) async fn release(self) -> Result<(), MigrationError> {
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
    Failed(MigrationError),
}

impl Try {
    pub(crate) fn from(name: &str, error: &tokio_postgres::Error) -> Self {
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

/// Counts the tries of one statement, and stands back between them.
pub(super) struct Tries<'a> {
    name: String,
    options: &'a Options,
    pub(crate) so_far: u32,
}

impl<'a> Tries<'a> {
    pub(crate) fn of(name: String, options: &'a Options) -> Self {
        Self { name, options, so_far: 1 }
    }

    /// After a try that ended like this: returns when it is time for the next.
    pub(crate) async fn again(&mut self, after: Try) -> Result<(), MigrationError> {
        match after {
            Try::Failed(e) => Err(e),
            Try::InUse if self.so_far >= self.options.tries => {
                Err(MigrationError::Blocked { name: self.name.clone(), tries: self.so_far })
            }
            Try::InUse => {
                self.so_far += 1;
                tokio::time::sleep(self.options.pause).await;
                Ok(())
            }
        }
    }
}
