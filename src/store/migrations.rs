//! The state of a database, as far as migrations depend on it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Store, StoreError, binds, statements};

#[derive(Debug, Deserialize)]
pub(crate) struct DatabaseState {
    pub(crate) has_migration_table: bool,
    pub(crate) has_task_table: bool,
    pub(crate) standby: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AppliedMigration {
    pub(crate) version: i32,
    pub(crate) name: String,
    pub(crate) checksum: String,
    pub(crate) applied_at: DateTime<Utc>,
    pub(crate) applied_by: String,
}

/// A check constraint that compares a lease with the clock on every write.
#[derive(Debug, Deserialize)]
pub(crate) struct PoisonCheck {
    pub(crate) relation: String,
    pub(crate) name: String,
}

/// An index that `migrate --tune` drops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostlyIndex {
    pub(crate) schema: String,
    pub name: String,
    pub(crate) relation: String,
    /// Method, columns and condition, such as `gin (payload)`.
    pub definition: String,
    /// Why it is dropped.
    pub(crate) because: String,
    pub(crate) bytes: u64,
    /// Index scans since `since`.
    pub(crate) scans: u64,
    /// The last statistics reset; None if there was none.
    #[serde(default)]
    pub(crate) since: Option<DateTime<Utc>>,
}

impl CostlyIndex {
    /// The statement that drops it.
    pub fn statement(&self) -> String {
        statements::drop_index_concurrently(&self.schema, &self.name)
    }
}

impl Store {
    pub(crate) async fn database_state(&self) -> Result<DatabaseState, StoreError> {
        self.one("engine/migrate/state").await
    }

    pub(crate) async fn applied_migrations(&self) -> Result<Vec<AppliedMigration>, StoreError> {
        self.rows("engine/migrate/applied").await
    }

    pub(crate) async fn poison_checks(&self) -> Result<Vec<PoisonCheck>, StoreError> {
        self.rows("engine/migrate/poison_checks").await
    }

    pub(crate) async fn costly_indexes(&self) -> Result<Vec<CostlyIndex>, StoreError> {
        self.rows("engine/migrate/costly_indexes").await
    }

    /// Records in the audit log who migrated the database, and why.
    pub(crate) async fn record_migration(&self, details: &Value) -> Result<(), StoreError> {
        self.write("engine/migrate/audit", &binds([("details", details.to_string())])).await
    }
}
