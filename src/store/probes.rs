//! Probe tasks: made to measure when work starts, and removed again. They bear a mark by which every
//! run finds them, also those of a run that was killed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{Binds, Store, StoreError};
use crate::clients::postgres::{Session, explain};

/// Where probe tasks stand before a run, and what this role may do with them.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Standing {
    /// Those that an earlier run left behind.
    pub left: u64,
    /// Whether this role may make and delete tasks, their work and their runs.
    pub may: bool,
}

/// A probe task that was made.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Probe {
    /// The task.
    pub id: Uuid,
    /// Its scheduled instant, by the database's clock.
    pub at: DateTime<Utc>,
}

/// How far a probe task is, in seconds by the database's clock.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Started {
    /// The present instant, from its scheduled one on.
    pub overdue: f64,
    /// Its start, from its scheduled instant on; null before.
    pub seconds: Option<f64>,
}

impl Store {
    /// Where probe tasks stand.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn probes(&self) -> Result<Standing, StoreError> {
        self.one("engine/probes/standing").await
    }

    /// The session that makes whoever has it the only one to have probe tasks. None: somebody else has it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn probe_lock(&self) -> Result<Option<Session>, StoreError> {
        let query = self.library.sql("engine/probes/try_lock")?;
        let session = self.postgres.session().await?;
        let row = session.query_typed_one(&query.text, &[]).await.map_err(|e| explain(&e))?;
        let taken: bool = row.try_get("taken").map_err(|e| explain(&e))?;
        Ok(taken.then_some(session))
    }

    /// Whether a session that [`Store::probe_lock`] gave still has what makes it the only one. One that is
    /// lost has not.
    ///
    /// # Errors
    /// When there is no such query.
    pub async fn holds_probe_lock(&self, session: &Session) -> Result<bool, StoreError> {
        let query = self.library.sql("engine/probes/holds_lock")?;
        let row = session.query_typed_one(&query.text, &[]).await;
        Ok(row.and_then(|row| row.try_get("locked")).unwrap_or(false))
    }

    /// Makes probe tasks: the first is due after `lead`, the others `spacing` apart.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn make_probes(
        &self,
        run: Uuid,
        count: u32,
        lead: Duration,
        spacing: Duration,
    ) -> Result<Vec<Probe>, StoreError> {
        let binds = Binds::from([
            ("run".to_owned(), run.to_string()),
            ("count".to_owned(), count.to_string()),
            ("lead".to_owned(), lead.as_secs_f64().to_string()),
            ("spacing".to_owned(), spacing.as_secs_f64().to_string()),
        ]);
        self.change("engine/probes/make", &binds).await
    }

    /// How far each of these is.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn probes_started(&self, probes: &[Probe]) -> Result<Vec<Started>, StoreError> {
        let ids: Vec<String> = probes.iter().map(|p| p.id.to_string()).collect();
        let binds = Binds::from([("ids".to_owned(), format!("{{{}}}", ids.join(",")))]);
        self.rows_with("engine/probes/started", &binds).await
    }

    /// Removes every probe task with its work and its runs, and returns how many there were. First they are
    /// canceled, so that no scheduler queues them any more: what is there then is all that there will be.
    ///
    /// # Errors
    /// See [`StoreError`]; a run that was recorded meanwhile makes it fail, and it can be tried again.
    pub async fn remove_probes(&self) -> Result<u64, StoreError> {
        self.write("engine/probes/cancel", &Binds::new()).await?;
        let removed: Vec<u64> = self.change("engine/probes/remove", &Binds::new()).await?;
        Ok(removed.first().copied().unwrap_or_default())
    }
}
