//! Probe tasks: made to measure when work starts, and removed again. They bear a mark by which every
//! run finds them, also those of a run that was killed.

use std::time::Duration;

use serde::Deserialize;
use uuid::Uuid;

use super::{Binds, Store, StoreError};
use crate::clients::postgres::{Session, explain};

/// Where probe tasks stand before a run, and what this role may do with them.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Standing {
    /// Those that an earlier run left behind.
    pub(crate) left: u64,
    /// Whether this role may make and delete tasks, their work and their runs.
    pub(crate) may: bool,
}

/// A probe task that was made.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Probe {
    pub(crate) id: Uuid,
}

/// How far a probe task is, in seconds by the database's clock.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Started {
    /// The present instant, from its scheduled one on.
    pub(crate) overdue: f64,
    /// Its start, from its scheduled instant on; null before.
    pub(crate) seconds: Option<f64>,
}

impl Store {
    pub(crate) async fn probes(&self) -> Result<Standing, StoreError> {
        self.one("engine/probes/standing").await
    }

    /// The session that makes whoever has it the only one to have probe tasks. None: somebody else has it.
    pub(crate) async fn probe_lock(&self) -> Result<Option<Session>, StoreError> {
        let query = self.library.sql("engine/probes/try_lock")?;
        let session = self.postgres.session().await?;
        let row = session.query_typed_one(&query.text, &[]).await.map_err(|e| explain(&e))?;
        let taken: bool = row.try_get("taken").map_err(|e| explain(&e))?;
        Ok(taken.then_some(session))
    }

    /// Whether a session that [`Store::probe_lock`] gave still has what makes it the only one. One that is
    /// lost has not.
    pub(crate) async fn holds_probe_lock(&self, session: &Session) -> Result<bool, StoreError> {
        let query = self.library.sql("engine/probes/holds_lock")?;
        let row = session.query_typed_one(&query.text, &[]).await;
        Ok(row.and_then(|row| row.try_get("locked")).unwrap_or(false))
    }

    /// Makes probe tasks: the first is due after `lead`, the others `spacing` apart.
    pub(crate) async fn make_probes(
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
    pub(crate) async fn probes_started(&self, probes: &[Probe]) -> Result<Vec<Started>, StoreError> {
        let ids: Vec<String> = probes.iter().map(|p| p.id.to_string()).collect();
        let binds = Binds::from([("ids".to_owned(), format!("{{{}}}", ids.join(",")))]);
        self.rows_with("engine/probes/started", &binds).await
    }

    /// Removes every probe task with its work and its runs, and returns how many there were. First they are
    /// canceled, so that no scheduler queues them any more: what is there then is all that there will be.
    pub(crate) async fn remove_probes(&self) -> Result<u64, StoreError> {
        self.write("engine/probes/cancel", &Binds::new()).await?;
        let removed: Vec<u64> = self.change("engine/probes/remove", &Binds::new()).await?;
        Ok(removed.first().copied().unwrap_or_default())
    }
}
