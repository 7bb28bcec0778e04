//! Applies what is pending, one migration after the other.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::lock::{Locked, Tries, Try, holds};
use super::status::{found, poison_checks, rows};
use super::{Migration, MigrationError, Mode, Options, Row, State};
use crate::clients::postgres::explain;
use crate::engine::sql;
use crate::store::{Store, statements};

/// A migration that was applied just now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    pub version: i32,
    pub(crate) name: String,
    /// How long it took, with the waiting.
    pub(crate) seconds: f64,
    /// How often it was tried: more than once when a table was in use.
    pub tries: u32,
}

/// What a run of [`migrate`] did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether a database of upstream's was adopted.
    pub adopted: bool,
    /// What was applied, in order; empty when another node had done it or nothing was pending.
    pub applied: Vec<Applied>,
    /// Poison checks that were dropped, as `table.name`.
    pub dropped_checks: Vec<String>,
    /// Migrations of a newer program that this one does not know.
    pub unknown: Vec<Row>,
}

/// Applies this program's pending migrations. Safe to call from any number of nodes at once.
/// Dropped half-way, it leaves the migration it was at undone.
pub async fn migrate(store: &Store, options: &Options) -> Result<Outcome, MigrationError> {
    migrate_to(store, &Migration::all()?, options).await
}

/// Applies those of these migrations that are pending.
pub async fn migrate_to(
    store: &Store,
    known: &[Migration],
    options: &Options,
) -> Result<Outcome, MigrationError> {
    let before = found(store).await?;
    if before.standby {
        return Err(MigrationError::Standby(store.postgres().target()));
    }
    let nothing_to_do =
        |rows: &[Row]| rows.iter().all(|r| matches!(r.state, State::Applied | State::Unknown));
    let mut all = unchanged(rows(store, &before, known).await?)?;
    let mut outcome =
        Outcome { adopted: false, applied: Vec::new(), dropped_checks: Vec::new(), unknown: Vec::new() };
    // A node that has nothing to do asks for no lock: it starts while another still migrates
    // towards a newer release, and with a role that may not migrate.
    if !nothing_to_do(&all) {
        let mut locked = Locked::take(store.postgres(), options).await?;
        let token = locked.session.cancel_token();
        let work = pending(store, &mut locked, known, options, &mut outcome);
        all = store.postgres().cancelling(token, work).await?;
        locked.release().await?;
    }
    outcome.unknown = all.into_iter().filter(|r| r.state == State::Unknown).collect();
    Ok(outcome)
}

/// Under the lock: applies what is pending still.
async fn pending(
    store: &Store,
    locked: &mut Locked,
    known: &[Migration],
    options: &Options,
    outcome: &mut Outcome,
) -> Result<Vec<Row>, MigrationError> {
    let mut found = found(store).await?;
    if !found.ledger {
        let ledger = sql("migrate/ledger")?;
        locked
            .session
            .batch_execute(&ledger)
            .await
            .map_err(|e| MigrationError::Failed { name: "ledger".into(), cause: explain(&e) })?;
        found.ledger = true;
    }
    let rows = unchanged(rows(store, &found, known).await?)?;
    outcome.adopted = found.task && rows.iter().all(|r| r.state == State::Pending);
    let poison = poison_checks(store).await?;
    for row in rows.iter().filter(|r| r.state == State::Pending) {
        if let Some(migration) = known.iter().find(|m| m.version == row.version) {
            outcome.applied.push(apply(locked, migration, options).await?);
        }
    }
    let left = poison_checks(store).await?;
    outcome.dropped_checks = poison.into_iter().filter(|c| !left.contains(c)).collect();
    Ok(rows)
}

fn unchanged(rows: Vec<Row>) -> Result<Vec<Row>, MigrationError> {
    match rows.iter().find(|r| r.state == State::Changed) {
        Some(row) => Err(MigrationError::Changed(format!("{:04}_{}", row.version, row.name))),
        None => Ok(rows),
    }
}

async fn apply(
    locked: &mut Locked,
    migration: &Migration,
    options: &Options,
) -> Result<Applied, MigrationError> {
    let start = Instant::now();
    let mut tries = Tries::of(migration.title(), options);
    loop {
        let attempt = match &migration.mode {
            Mode::Transaction => in_transaction(locked, migration, options).await,
            Mode::Alone { index } => alone(locked, migration, index.as_ref(), options).await,
        };
        match attempt {
            Ok(()) => break,
            Err(e) => tries.again(e).await?,
        }
    }
    let name = migration.name.clone();
    Ok(Applied {
        version: migration.version,
        name,
        seconds: start.elapsed().as_secs_f64(),
        tries: tries.so_far,
    })
}

/// Statements and row commit together.
async fn in_transaction(locked: &mut Locked, migration: &Migration, options: &Options) -> Result<(), Try> {
    let name = migration.title();
    let failed = |e: tokio_postgres::Error| Try::from(&name, &e);
    let held = sql("migrate/holds_lock").map_err(MigrationError::from)?;
    let record = sql("migrate/record").map_err(MigrationError::from)?;
    let limits = statements::transaction_limits(options.lock_timeout, options.statement_timeout);
    let transaction = locked.session.transaction().await.map_err(failed)?;
    // Asked inside the transaction: what follows surely runs in the session that answers.
    holds(transaction.query_typed_one(&held, &[]).await)?;
    transaction.batch_execute(&limits).await.map_err(failed)?;
    transaction.batch_execute(&migration.sql).await.map_err(failed)?;
    transaction
        .execute(&record, &[&migration.version, &migration.name, &migration.checksum, &options.by])
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

/// One statement by itself, then its row.
async fn alone(
    locked: &mut Locked,
    migration: &Migration,
    index: Option<&(String, String)>,
    options: &Options,
) -> Result<(), Try> {
    let name = migration.title();
    let failed = |e: tokio_postgres::Error| Try::from(&name, &e);
    let record = sql("migrate/record").map_err(MigrationError::from)?;
    locked.verify().await?;
    let session = &locked.session;
    let limits = statements::session_limits(options.lock_timeout, options.concurrent_timeout);
    session.batch_execute(&limits).await.map_err(failed)?;
    if let Some((schema, index)) = index {
        let ask = sql("migrate/invalid_index").map_err(MigrationError::from)?;
        let row = session.query_one(&ask, &[schema, index]).await.map_err(failed)?;
        if row.try_get("invalid").map_err(failed)? {
            let drop = statements::drop_index_concurrently(schema, index);
            session.batch_execute(&drop).await.map_err(failed)?;
        }
    }
    session.batch_execute(&migration.sql).await.map_err(failed)?;
    session
        .execute(&record, &[&migration.version, &migration.name, &migration.checksum, &options.by])
        .await
        .map_err(failed)?;
    Ok(())
}
