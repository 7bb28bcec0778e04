//! The migration session, which holds an advisory lock, and the retries of its statements.

use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::error::SqlState;

use super::{MigrationError, Options};
use crate::clients::postgres::{LIMIT_MARGIN, Postgres, Session, explain};
use crate::store::prepared::MigrationTexts;

const POLL: Duration = Duration::from_millis(100);

/// A session that holds the migration lock; dropping it releases the lock.
pub(super) struct MigrationSession {
    pub(crate) session: Session,
    pub(crate) texts: MigrationTexts,
}

impl MigrationSession {
    /// Polls for the lock.
    pub(crate) async fn lock(postgres: &Postgres, options: &Options) -> Result<Self, MigrationError> {
        let longest = options.statement_timeout.max(options.concurrent_timeout);
        let session = postgres.session().await?.with_limit(longest.saturating_add(LIMIT_MARGIN));
        let texts = MigrationTexts::load()?;
        session.batch_execute(&texts.settings).await.map_err(|e| explain(&e))?;
        let end = Instant::now() + options.wait;
        loop {
            let row = session.query_typed_one(&texts.try_lock, &[]).await.map_err(|e| explain(&e))?;
            if row.try_get("locked").map_err(|e| explain(&e))? {
                let locked = Self { session, texts };
                locked.verify_lock().await?;
                return Ok(locked);
            }
            if Instant::now() >= end {
                return Err(MigrationError::Busy(options.wait));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Fails unless this session holds the lock. A transaction pooler can use another session for each
    /// transaction.
    pub(crate) async fn verify_lock(&self) -> Result<(), MigrationError> {
        read_lock_held(self.session.query_typed_one(&self.texts.holds_lock, &[]).await)
    }

    /// Releases the lock without waiting for the end of the session.
    pub(crate) async fn release(self) -> Result<(), MigrationError> {
        self.session.query_typed_one(&self.texts.unlock, &[]).await.map_err(|e| explain(&e))?;
        Ok(())
    }
}

/// Reads the result of `migrate/holds_lock`.
pub(super) fn read_lock_held(
    answer: Result<tokio_postgres::Row, tokio_postgres::Error>,
) -> Result<(), MigrationError> {
    let held: bool = answer.and_then(|row| row.try_get("locked")).map_err(|e| explain(&e))?;
    if held { Ok(()) } else { Err(MigrationError::NoSession) }
}

/// Why an attempt failed.
pub(super) enum AttemptError {
    /// The table was in use; nothing changed.
    InUse,
    Failed(MigrationError),
}

impl AttemptError {
    pub(crate) fn new(name: &str, error: &tokio_postgres::Error) -> Self {
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

impl From<MigrationError> for AttemptError {
    fn from(e: MigrationError) -> Self {
        Self::Failed(e)
    }
}

/// Counts the attempts of one migration and waits between them.
pub(super) struct Attempts<'a> {
    name: String,
    options: &'a Options,
    pub(crate) count: u32,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(name: String, options: &'a Options) -> Self {
        Self { name, options, count: 1 }
    }

    /// Waits before the next attempt, or returns the error that ends the attempts.
    pub(crate) async fn wait_after(&mut self, error: AttemptError) -> Result<(), MigrationError> {
        match error {
            AttemptError::Failed(e) => Err(e),
            AttemptError::InUse if self.count >= self.options.tries => {
                Err(MigrationError::Blocked { name: self.name.clone(), tries: self.count })
            }
            AttemptError::InUse => {
                self.count += 1;
                tokio::time::sleep(self.options.pause).await;
                Ok(())
            }
        }
    }
}
