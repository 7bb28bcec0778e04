//! The state of a database, as far as migrations depend on it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Store, StoreError, binds, statements};
use crate::model::ScheduleKind;

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

/// A cron task that Ordinaut left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CronTask {
    pub id: Uuid,
    pub title: String,
    pub(crate) status: String,
    pub expr: String,
    pub(crate) timezone: String,
}

/// The schedule that replaces the expression `was` of a task.
#[derive(Debug, Serialize)]
pub(crate) struct ScheduleChange<'a> {
    pub(crate) id: Uuid,
    pub(crate) was: &'a str,
    pub(crate) kind: ScheduleKind,
    pub(crate) expr: &'a str,
}

impl Store {
    /// Before the adoption.
    pub(crate) async fn upstream_cron_tasks(&self) -> Result<Vec<CronTask>, StoreError> {
        self.rows("engine/migrate/cron_upstream").await
    }

    /// Those whose schedule nobody edited since the adoption. Empty in a database without that migration.
    pub(crate) async fn adopted_cron_tasks(&self) -> Result<Vec<CronTask>, StoreError> {
        self.rows_if_migrated("engine/migrate/cron_adopted").await
    }

    /// Converts schedules in one transaction; returns the tasks that still had the expression.
    pub(crate) async fn convert_schedules(
        &self,
        changes: &[ScheduleChange<'_>],
        details: &Value,
    ) -> Result<Vec<Uuid>, StoreError> {
        let binds = binds([("conversions", json!(changes).to_string()), ("details", details.to_string())]);
        self.write_returning("engine/migrate/cron_convert", &binds).await
    }

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
