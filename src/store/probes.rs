//! Probe tasks of `ordctl baseline`: created to measure when work starts, then removed. They carry a
//! marker by which every run finds them, including those of a killed run.

use std::time::Duration;

use serde::Deserialize;
use uuid::Uuid;

use super::{Binds, Store, StoreError, binds};
use crate::clients::postgres::{Session, explain};
use crate::model::Consented;

const CREATE: &str = "engine/probes/create";
const CANCEL: &str = "engine/probes/cancel";
const REMOVE: &str = "engine/probes/remove";

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct ProbeStatus {
    /// Probe tasks that an earlier run left behind.
    #[serde(rename = "left")]
    pub(crate) leftovers: u64,
    /// This role may create and delete tasks, their work and their runs.
    #[serde(rename = "may")]
    pub(crate) is_permitted: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Probe {
    pub(crate) id: Uuid,
}

/// When a probe task started, in seconds by the database's clock.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct ProbeStart {
    /// Time since its scheduled instant; negative before it.
    pub(crate) overdue: f64,
    /// Delay from the scheduled instant to the start; null before the start.
    pub(crate) seconds: Option<f64>,
}

/// The statements for a plan, each in one line.
pub(crate) struct ProbeStatements {
    /// Takes the run's id, the count, the lead and the spacing.
    pub(crate) create: String,
    pub(crate) remove: String,
}

impl Store {
    pub(crate) async fn probe_status(&self) -> Result<ProbeStatus, StoreError> {
        self.one("engine/probes/status").await
    }

    pub(crate) fn probe_statements(&self) -> Result<ProbeStatements, StoreError> {
        let line = |name: &str| self.library.sql(name).map(|query| query.one_line());
        Ok(ProbeStatements { create: line(CREATE)?, remove: format!("{}; {}", line(CANCEL)?, line(REMOVE)?) })
    }

    /// The session that holds the lock on probe tasks; none when another session holds it.
    pub(crate) async fn lock_probes(&self) -> Result<Option<Session>, StoreError> {
        let query = self.library.sql("engine/probes/try_lock")?;
        let session = self.postgres.session().await?;
        let row = session.query_typed_one(&query.text, &[]).await.map_err(|e| explain(&e))?;
        let taken: bool = row.try_get("taken").map_err(|e| explain(&e))?;
        Ok(taken.then_some(session))
    }

    /// Whether a session of [`Store::lock_probes`] still holds the lock; a lost session does not.
    pub(crate) async fn holds_probe_lock(&self, session: &Session) -> Result<bool, StoreError> {
        let query = self.library.sql("engine/probes/holds_lock")?;
        let row = session.query_typed_one(&query.text, &[]).await;
        Ok(row.and_then(|row| row.try_get("locked")).unwrap_or(false))
    }

    /// Creates probe tasks: the first is due after `lead`, the others `spacing` apart.
    pub(crate) async fn create_probes(
        &self,
        run: Uuid,
        count: u32,
        lead: Duration,
        spacing: Duration,
        _: &Consented,
    ) -> Result<Vec<Probe>, StoreError> {
        let binds = binds([
            ("run", run.to_string()),
            ("count", count.to_string()),
            ("lead", lead.as_secs_f64().to_string()),
            ("spacing", spacing.as_secs_f64().to_string()),
        ]);
        self.write_returning(CREATE, &binds).await
    }

    pub(crate) async fn probe_starts(&self, probes: &[Probe]) -> Result<Vec<ProbeStart>, StoreError> {
        let ids: Vec<String> = probes.iter().map(|p| p.id.to_string()).collect();
        self.rows_with("engine/probes/start_delays", &binds([("ids", format!("{{{}}}", ids.join(",")))]))
            .await
    }

    /// Removes every probe task with its work and its runs, and returns how many there were. It cancels
    /// them first, so that no scheduler queues more of their work meanwhile.
    pub(crate) async fn remove_probes(&self, _: &Consented) -> Result<u64, StoreError> {
        self.write(CANCEL, &Binds::new()).await?;
        let removed: Vec<u64> = self.write_returning(REMOVE, &Binds::new()).await?;
        Ok(removed.first().copied().unwrap_or_default())
    }
}
