//! The same records in the database, in `ordctl.operation*` and `audit_log`, while it answers.

use std::time::Duration;

use uuid::Uuid;

use super::{EndStatus, RunStart};
use crate::base::units;
use crate::clients::postgres::{ClientError, SYSTEM};
use crate::store::operations::{NewOperation, OperationStep};
use crate::store::{Store, StoreError};

/// Maximum timeout of a record. The server has a shorter statement timeout; this one covers a server that hangs, so
/// that an interrupted run ends.
const SILENCE: Duration = Duration::from_secs(10);

/// Records in the database. After a first failure it stays silent: the local file is the truth.
pub(crate) struct DatabaseJournal {
    store: Option<Store>,
    limit: Duration,
    operation: Uuid,
    /// Why recording stopped.
    pub(crate) failure: Option<StoreError>,
}

impl DatabaseJournal {
    /// Begins a record; without a store nothing is recorded.
    pub(crate) async fn begin(store: Option<Store>, begin: &RunStart, limit: Option<Duration>) -> Self {
        let limit = limit.map_or(SILENCE, |limit| limit.min(SILENCE));
        let mut journal = Self { store, limit, operation: begin.id, failure: None };
        let params = serde_json::Value::Object(begin.params.clone());
        let operation = NewOperation {
            runbook: &begin.runbook,
            params: &params,
            environment: &begin.target.environment,
            host: &begin.target.host,
            user: &begin.user,
            reason: begin.reason.as_deref(),
        };
        journal.write(async |store, id| store.begin_operation(id, &operation).await).await;
        journal
    }

    /// Whether the database was never prepared for it (`ordctl migrate`): no table, no schema.
    pub(crate) fn is_absent(&self) -> bool {
        self.failure.as_ref().is_some_and(StoreError::is_not_migrated)
    }

    /// A step is about to run; `calls` are its exact statements and calls.
    pub(crate) async fn step(&mut self, position: usize, id: &str, uses: &str, calls: &[String]) {
        let step = OperationStep { position, id, uses, calls };
        self.write(async |store, id| store.begin_operation_step(id, &step).await).await;
    }

    pub(crate) async fn done(
        &mut self,
        position: usize,
        status: EndStatus,
        error: Option<&str>,
        result: &str,
    ) {
        let (status, error) = (status.name(), error.unwrap_or_default());
        self.write(async |store, id| store.end_operation_step(id, position, status, error, result).await)
            .await;
    }

    pub(crate) async fn end(&mut self, status: EndStatus) {
        self.write(async |store, id| store.end_operation(id, status.name()).await).await;
    }

    /// Marks an unfinished run as replaced by this one.
    pub(crate) async fn supersede(&mut self, old: Uuid) {
        self.write(async |store, _| store.supersede_operation(old).await).await;
    }

    async fn write(&mut self, record: impl AsyncFnOnce(&Store, Uuid) -> Result<(), StoreError>) {
        let Some(store) = &self.store else { return };
        let written =
            tokio::time::timeout(self.limit, record(store, self.operation)).await.unwrap_or_else(|_| {
                let limit = units::duration(self.limit.as_secs_f64());
                Err(ClientError::unreachable(SYSTEM, format!("no answer within {limit}")).into())
            });
        if let Err(e) = written {
            self.failure = Some(e);
            self.store = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::secret::SecretUrl;
    use crate::base::settings::Database;
    use crate::clients::postgres::{Dsn, Postgres};

    #[tokio::test(start_paused = true)]
    async fn a_server_that_does_not_answer_does_not_block_the_run() {
        // Accepts connections and never answers.
        let still = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgresql://postgres@{}/postgres?sslmode=disable", still.local_addr().unwrap());
        let dsn = Dsn::parse(&SecretUrl::new(url), &Database::default()).unwrap();
        let postgres = Arc::new(Postgres::connect_lazily(dsn, 1).unwrap());
        let store = Store::new(postgres, Arc::default(), Duration::from_secs(5));
        let mut journal =
            DatabaseJournal { store: Some(store), limit: SILENCE, operation: Uuid::nil(), failure: None };
        let begin = tokio::time::Instant::now();
        journal.end(EndStatus::Done).await;
        let why = journal.failure.unwrap().to_string();
        assert!(why.contains("no answer within") && begin.elapsed() <= SILENCE * 2, "{why}");
    }
}
