//! The same records in the database, in `ordctl.operation*` and `audit_log`, while it answers.

use std::time::Duration;

use uuid::Uuid;

use super::{Begin, Ended};
use crate::base::units;
use crate::clients::postgres::{ClientError, SYSTEM};
use crate::store::{Binds, Store, StoreError};

/// After so long without a word the database counts as gone. The server has a shorter limit of its own for
/// each record; this one is for a server that stands still, which keeps none, and must not keep whoever
/// interrupts a run.
const SILENCE: Duration = Duration::from_secs(10);

/// Records in the database. After a first failure it stays silent: the local file is the truth.
pub(crate) struct DatabaseJournal {
    store: Option<Store>,
    operation: Uuid,
    /// Why nothing is recorded any more.
    pub(crate) failure: Option<StoreError>,
}

impl DatabaseJournal {
    /// Begins; without a store nothing is recorded.
    pub(crate) async fn begin(store: Option<Store>, begin: &Begin) -> Self {
        let mut journal = Self { store, operation: begin.id, failure: None };
        let binds = [
            ("runbook", begin.runbook.clone()),
            ("params", serde_json::Value::Object(begin.params.clone()).to_string()),
            ("environment", begin.target.environment.clone()),
            ("host", begin.target.host.clone()),
            ("user", begin.user.clone()),
            ("pid", std::process::id().to_string()),
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ];
        journal.write("engine/operation_begin", &binds).await;
        journal
    }

    /// Whether the database was never prepared for it (`ordctl migrate`): no table, no schema.
    pub(crate) fn is_absent(&self) -> bool {
        self.failure.as_ref().is_some_and(StoreError::is_not_migrated)
    }

    /// A step is about to run; `calls` are its exact statements and calls.
    pub(crate) async fn step(&mut self, position: usize, id: &str, uses: &str, calls: &[String]) {
        let binds = [
            ("position", position.to_string()),
            ("step", id.to_owned()),
            ("uses", uses.to_owned()),
            ("calls", serde_json::json!(calls).to_string()),
        ];
        self.write("engine/operation_step_begin", &binds).await;
    }

    pub(crate) async fn done(&mut self, position: usize, status: Ended, error: Option<&str>, result: &str) {
        let binds = [
            ("position", position.to_string()),
            ("status", status.name().to_owned()),
            ("error", error.unwrap_or_default().to_owned()),
            ("result", result.to_owned()),
        ];
        self.write("engine/operation_step_end", &binds).await;
    }

    pub(crate) async fn end(&mut self, status: Ended) {
        self.write("engine/operation_end", &[("status", status.name().to_owned())]).await;
    }

    /// A run that did not end will not go on any more: another began in its place.
    pub(crate) async fn supersede(&mut self, old: Uuid) {
        let own = std::mem::replace(&mut self.operation, old);
        self.write("engine/operation_supersede", &[]).await;
        self.operation = own;
    }

    async fn write(&mut self, query: &str, binds: &[(&str, String)]) {
        let Some(store) = &self.store else { return };
        let mut all: Binds = binds.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        all.insert("operation".to_owned(), self.operation.to_string());
        let written = tokio::time::timeout(SILENCE, store.write(query, &all)).await.unwrap_or_else(|_| {
            let limit = units::duration(SILENCE.as_secs_f64());
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
    async fn a_server_that_stands_still_keeps_no_run() {
        // It takes connections, and never says a word.
        let still = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgresql://postgres@{}/postgres?sslmode=disable", still.local_addr().unwrap());
        let dsn = Dsn::parse(&SecretUrl::new(url), &Database::default()).unwrap();
        let postgres = Arc::new(Postgres::connect_lazily(dsn, 1).unwrap());
        let store = Store::new(postgres, Arc::default(), Duration::from_secs(5));
        let mut journal = DatabaseJournal { store: Some(store), operation: Uuid::nil(), failure: None };
        let begin = tokio::time::Instant::now();
        journal.end(Ended::Done).await;
        let why = journal.failure.unwrap().to_string();
        assert!(why.contains("no answer within 10 s") && begin.elapsed() <= SILENCE * 2, "{why}");
    }
}
