//! The migration status of a database. Read-only.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::apply::unchanged;
use super::tune::costly_indexes;
use super::{CostlyIndex, Migration, MigrationError};
use crate::store::Store;
use crate::store::migrations::DatabaseState;

/// Which program created the database's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// No tables.
    Empty,
    /// Ordinaut's tables, never migrated by ordctl.
    Upstream,
    /// Migrated by ordctl.
    Ordctl,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Applied,
    Pending,
    /// Applied by a newer version; harmless.
    Unknown,
    /// Applied with other statements than this version has.
    Changed,
}

/// A migration that this version knows or the database has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrationRow {
    pub version: i32,
    pub(crate) name: String,
    pub state: State,
    pub(crate) applied_at: Option<DateTime<Utc>>,
    pub applied_by: Option<String>,
}

/// The result of `migrate --check`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub origin: Origin,
    /// A standby cannot be migrated.
    pub standby: bool,
    pub migrations: Vec<MigrationRow>,
    /// Check constraints that prevent updating or restoring expired leases, as `table.name`. The first
    /// migration drops them.
    pub poison_checks: Vec<String>,
    /// Ordinaut's indexes that `--tune` drops.
    pub costly_indexes: Vec<CostlyIndex>,
}

impl Status {
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &MigrationRow> {
        self.migrations.iter().filter(move |m| m.state == state)
    }

    /// Refuses a database that cannot be migrated.
    pub(crate) fn check(&self, store: &Store) -> Result<(), MigrationError> {
        if self.standby {
            return Err(MigrationError::Standby(store.postgres().target()));
        }
        unchanged(self.migrations.clone()).map(drop)
    }

    /// Whether nothing is pending or changed.
    pub fn is_current(&self) -> bool {
        self.migrations.iter().all(|m| matches!(m.state, State::Applied | State::Unknown))
    }
}

pub(super) async fn database_state(store: &Store) -> Result<DatabaseState, MigrationError> {
    Ok(store.database_state().await?)
}

/// Compares the database with all migrations of this version.
pub async fn status(store: &Store) -> Result<Status, MigrationError> {
    status_of(store, &Migration::all()?).await
}

/// Compares the database with these migrations.
pub async fn status_of(store: &Store, known: &[Migration]) -> Result<Status, MigrationError> {
    let state = database_state(store).await?;
    let migrations = rows(store, &state, known).await?;
    let is_migrated = migrations.iter().any(|m| m.applied_at.is_some());
    let origin = match (is_migrated, state.has_task_table) {
        (true, _) => Origin::Ordctl,
        (false, true) => Origin::Upstream,
        (false, false) => Origin::Empty,
    };
    Ok(Status {
        origin,
        standby: state.standby,
        migrations,
        poison_checks: poison_checks(store).await?,
        costly_indexes: costly_indexes(store).await?,
    })
}

pub(super) async fn poison_checks(store: &Store) -> Result<Vec<String>, MigrationError> {
    let checks = store.poison_checks().await?;
    Ok(checks.into_iter().map(|c| format!("{}.{}", c.relation, c.name)).collect())
}

/// Known and applied migrations by version.
pub(super) async fn rows(
    store: &Store,
    state: &DatabaseState,
    known: &[Migration],
) -> Result<Vec<MigrationRow>, MigrationError> {
    let applied = if state.has_migration_table { store.applied_migrations().await? } else { Vec::new() };
    let mut rows: Vec<MigrationRow> = known
        .iter()
        .filter(|m| !applied.iter().any(|a| a.version == m.version))
        .map(|m| MigrationRow {
            version: m.version,
            name: m.name.clone(),
            state: State::Pending,
            applied_at: None,
            applied_by: None,
        })
        .collect();
    rows.extend(applied.into_iter().map(|a| MigrationRow {
        state: match known.iter().find(|m| m.version == a.version) {
            None => State::Unknown,
            Some(m) if m.checksum == a.checksum => State::Applied,
            Some(_) => State::Changed,
        },
        version: a.version,
        name: a.name,
        applied_at: Some(a.applied_at),
        applied_by: Some(a.applied_by),
    }));
    rows.sort_by_key(|r| r.version);
    Ok(rows)
}
