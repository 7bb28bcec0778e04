//! The same records in the database, in `ordctl.operation*` and `audit_log`, while it answers.

use uuid::Uuid;

use super::{Begin, Ended};
use crate::clients::postgres::ClientError;
use crate::store::{Binds, Store, StoreError};

/// Records in the database. After a first failure it stays silent: the local file is the truth.
pub struct DatabaseJournal {
    store: Option<Store>,
    operation: Uuid,
    /// Why nothing is recorded any more.
    pub failure: Option<StoreError>,
}

impl DatabaseJournal {
    /// Begins; without a store nothing is recorded.
    pub async fn begin(store: Option<Store>, begin: &Begin) -> Self {
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
    pub fn is_absent(&self) -> bool {
        matches!(
            &self.failure,
            Some(StoreError::Client(ClientError::Failed { code: Some(code), .. })) if code == "42P01" || code == "3F000"
        )
    }

    /// A step is about to run; `calls` are its exact statements and calls.
    pub async fn step(&mut self, position: usize, id: &str, uses: &str, calls: &[String]) {
        let binds = [
            ("position", position.to_string()),
            ("step", id.to_owned()),
            ("uses", uses.to_owned()),
            ("calls", serde_json::json!(calls).to_string()),
        ];
        self.write("engine/operation_step_begin", &binds).await;
    }

    /// A step ended.
    pub async fn done(&mut self, position: usize, status: Ended, error: Option<&str>, result: &str) {
        let binds = [
            ("position", position.to_string()),
            ("status", status.name().to_owned()),
            ("error", error.unwrap_or_default().to_owned()),
            ("result", result.to_owned()),
        ];
        self.write("engine/operation_step_end", &binds).await;
    }

    /// The run ended.
    pub async fn end(&mut self, status: Ended) {
        self.write("engine/operation_end", &[("status", status.name().to_owned())]).await;
    }

    async fn write(&mut self, query: &str, binds: &[(&str, String)]) {
        let Some(store) = &self.store else { return };
        let mut all: Binds = binds.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        all.insert("operation".to_owned(), self.operation.to_string());
        if let Err(e) = store.write(query, &all).await {
            self.failure = Some(e);
            self.store = None;
        }
    }
}
