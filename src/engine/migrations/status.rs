//! What is applied, what is pending: looks and changes nothing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::tune::costly_indexes;
use super::{CostlyIndex, Migration, MigrationError};
use crate::store::Store;

/// What a database is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// It has none of the tables.
    Empty,
    /// It has Ordinaut's tables and was never migrated by ordctl.
    Upstream,
    /// It was migrated by ordctl before.
    Ordctl,
}

/// How a migration and a database stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Applied as this program knows it.
    Applied,
    Pending,
    /// Applied by a newer program; unknown to this one and harmless.
    Unknown,
    /// Applied with another text than this program has.
    Changed,
}

/// One migration, known or applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub version: i32,
    pub(crate) name: String,
    pub state: State,
    pub(crate) applied_at: Option<DateTime<Utc>>,
    pub applied_by: Option<String>,
}

/// Everything that `migrate --check` shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What the database is to us.
    pub origin: Origin,
    /// Whether it is a standby, which cannot be migrated.
    pub standby: bool,
    pub migrations: Vec<Row>,
    /// Checks that keep expired leases from being updated or restored; the first migration drops
    /// them. As `table.name`.
    pub poison_checks: Vec<String>,
    /// Indexes of upstream's that `--tune` would drop.
    pub costly_indexes: Vec<CostlyIndex>,
}

impl Status {
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &Row> {
        self.migrations.iter().filter(move |m| m.state == state)
    }

    /// Whether nothing is left to apply and nothing is amiss.
    pub fn is_current(&self) -> bool {
        self.migrations.iter().all(|m| matches!(m.state, State::Applied | State::Unknown))
    }
}

#[derive(Debug, Deserialize)]
struct Ledger {
    version: i32,
    name: String,
    checksum: String,
    applied_at: DateTime<Utc>,
    applied_by: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Found {
    pub(crate) ledger: bool,
    pub(crate) task: bool,
    pub(crate) standby: bool,
}

#[derive(Debug, Deserialize)]
struct Check {
    relation: String,
    name: String,
}

pub(super) async fn found(store: &Store) -> Result<Found, MigrationError> {
    Ok(store.one("engine/migrate/state").await?)
}

/// How the database stands to this program's migrations.
pub async fn status(store: &Store) -> Result<Status, MigrationError> {
    status_of(store, &Migration::all()?).await
}

/// How the database stands to these migrations.
pub async fn status_of(store: &Store, known: &[Migration]) -> Result<Status, MigrationError> {
    let found = found(store).await?;
    let migrations = rows(store, &found, known).await?;
    let ours = migrations.iter().any(|m| m.applied_at.is_some());
    let origin = match (ours, found.task) {
        (true, _) => Origin::Ordctl,
        (false, true) => Origin::Upstream,
        (false, false) => Origin::Empty,
    };
    Ok(Status {
        origin,
        standby: found.standby,
        migrations,
        poison_checks: poison_checks(store).await?,
        costly_indexes: costly_indexes(store).await?,
    })
}

pub(super) async fn poison_checks(store: &Store) -> Result<Vec<String>, MigrationError> {
    let checks: Vec<Check> = store.rows("engine/migrate/poison_checks").await?;
    Ok(checks.into_iter().map(|c| format!("{}.{}", c.relation, c.name)).collect())
}

/// Known and applied migrations, by number.
pub(super) async fn rows(
    store: &Store,
    found: &Found,
    known: &[Migration],
) -> Result<Vec<Row>, MigrationError> {
    let applied: Vec<Ledger> =
        if found.ledger { store.rows("engine/migrate/applied").await? } else { Vec::new() };
    let mut rows: Vec<Row> = known
        .iter()
        .filter(|m| !applied.iter().any(|a| a.version == m.version))
        .map(|m| Row {
            version: m.version,
            name: m.name.clone(),
            state: State::Pending,
            applied_at: None,
            applied_by: None,
        })
        .collect();
    rows.extend(applied.into_iter().map(|a| Row {
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
