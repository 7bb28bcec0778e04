//! Applies pending migrations in order.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::lock::{AttemptError, Attempts, MigrationSession, read_lock_held};
use super::status::{database_state, poison_checks, rows};
use super::{Migration, MigrationError, MigrationRow, Mode, Options, State};
use crate::clients::postgres::explain;
use crate::model::Consented;
use crate::store::{Store, statements};

/// A migration that this run applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    pub version: i32,
    pub(crate) name: String,
    /// Duration including waits.
    pub(crate) seconds: f64,
    /// Attempts; more than one when a table was in use.
    pub tries: u32,
}

/// The result of [`migrate`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether an Ordinaut database was adopted.
    pub adopted: bool,
    /// In order; empty when another node applied them or nothing was pending.
    pub applied: Vec<Applied>,
    /// Dropped check constraints, as `table.name`.
    pub dropped_checks: Vec<String>,
    /// Migrations of a newer version that this one does not know.
    pub unknown: Vec<MigrationRow>,
}

/// Like [`migrate`], and records in the audit log who migrated. The first migration creates the audit log, so the
/// row follows the migrations.
pub(crate) async fn migrate_audited(
    store: &Store,
    options: &Options,
    consented: &Consented,
) -> Result<Outcome, MigrationError> {
    let outcome = migrate(store, options, consented).await?;
    if !outcome.applied.is_empty() {
        let mut details = consented.audit();
        let versions: Vec<i32> = outcome.applied.iter().map(|m| m.version).collect();
        details.insert("migrations".to_owned(), json!(versions));
        details.insert("applied_by".to_owned(), json!(options.by));
        store.record_migration(&json!(details)).await?;
    }
    Ok(outcome)
}

/// Applies pending migrations. Safe to call from any number of nodes at once. If the future is dropped,
/// the current migration is rolled back.
pub async fn migrate(
    store: &Store,
    options: &Options,
    consented: &Consented,
) -> Result<Outcome, MigrationError> {
    migrate_to(store, &Migration::all()?, options, consented).await
}

/// Applies the pending ones of these migrations.
pub async fn migrate_to(
    store: &Store,
    known: &[Migration],
    options: &Options,
    _: &Consented,
) -> Result<Outcome, MigrationError> {
    let before = database_state(store).await?;
    if before.standby {
        return Err(MigrationError::Standby(store.postgres().target()));
    }
    let is_current =
        |rows: &[MigrationRow]| rows.iter().all(|r| matches!(r.state, State::Applied | State::Unknown));
    let mut all = unchanged(rows(store, &before, known).await?)?;
    let mut outcome = Outcome::default();
    // A node without pending migrations takes no lock: it can start while another node migrates to a
    // newer version, and with a role that cannot migrate.
    if !is_current(&all) {
        let mut session = MigrationSession::lock(store.postgres(), options).await?;
        let token = session.session.cancel_token();
        let work = apply_pending(store, &mut session, known, options, &mut outcome);
        all = store.postgres().cancelling(token, work).await?;
        session.release().await?;
    }
    outcome.unknown = all.into_iter().filter(|r| r.state == State::Unknown).collect();
    Ok(outcome)
}

/// Reads the state again under the lock and applies what is still pending.
async fn apply_pending(
    store: &Store,
    session: &mut MigrationSession,
    known: &[Migration],
    options: &Options,
    outcome: &mut Outcome,
) -> Result<Vec<MigrationRow>, MigrationError> {
    let mut state = database_state(store).await?;
    if !state.has_migration_table {
        session
            .session
            .batch_execute(&session.texts.create_table)
            .await
            .map_err(|e| MigrationError::Failed { name: "ordctl.migration".into(), cause: explain(&e) })?;
        state.has_migration_table = true;
    }
    let rows = unchanged(rows(store, &state, known).await?)?;
    outcome.adopted = state.has_task_table && rows.iter().all(|r| r.state == State::Pending);
    let poison = poison_checks(store).await?;
    for row in rows.iter().filter(|r| r.state == State::Pending) {
        if let Some(migration) = known.iter().find(|m| m.version == row.version) {
            outcome.applied.push(apply(session, migration, options).await?);
        }
    }
    let left = poison_checks(store).await?;
    outcome.dropped_checks = poison.into_iter().filter(|c| !left.contains(c)).collect();
    Ok(rows)
}

pub(super) fn unchanged(rows: Vec<MigrationRow>) -> Result<Vec<MigrationRow>, MigrationError> {
    match rows.iter().find(|r| r.state == State::Changed) {
        Some(row) => Err(MigrationError::Changed(format!("{:04}_{}", row.version, row.name))),
        None => Ok(rows),
    }
}

async fn apply(
    session: &mut MigrationSession,
    migration: &Migration,
    options: &Options,
) -> Result<Applied, MigrationError> {
    let start = Instant::now();
    let mut attempts = Attempts::new(migration.title(), options);
    loop {
        let attempt = match &migration.mode {
            Mode::Transaction => in_transaction(session, migration, options).await,
            Mode::NoTransaction { index } => {
                without_transaction(session, migration, index.as_ref(), options).await
            }
        };
        match attempt {
            Ok(()) => break,
            Err(e) => attempts.wait_after(e).await?,
        }
    }
    let name = migration.name.clone();
    Ok(Applied {
        version: migration.version,
        name,
        seconds: start.elapsed().as_secs_f64(),
        tries: attempts.count,
    })
}

/// The statements and the migration's row commit together.
async fn in_transaction(
    session: &mut MigrationSession,
    migration: &Migration,
    options: &Options,
) -> Result<(), AttemptError> {
    let name = migration.title();
    let failed = |e: tokio_postgres::Error| AttemptError::new(&name, &e);
    let limits = statements::transaction_limits(options.lock_timeout, options.statement_timeout);
    let MigrationSession { session, texts } = session;
    let transaction = session.transaction().await.map_err(failed)?;
    // Inside the transaction, a pooler cannot switch the session between this check and the statements.
    read_lock_held(transaction.query_typed_one(&texts.holds_lock, &[]).await)?;
    transaction.batch_execute(&limits).await.map_err(failed)?;
    transaction.batch_execute(&migration.sql).await.map_err(failed)?;
    transaction
        .execute(&texts.record, &[&migration.version, &migration.name, &migration.checksum, &options.by])
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

/// Runs the single statement, then writes the migration's row.
async fn without_transaction(
    session: &mut MigrationSession,
    migration: &Migration,
    index: Option<&(String, String)>,
    options: &Options,
) -> Result<(), AttemptError> {
    let name = migration.title();
    let failed = |e: tokio_postgres::Error| AttemptError::new(&name, &e);
    session.verify_lock().await?;
    let MigrationSession { session, texts } = session;
    let limits = statements::session_limits(options.lock_timeout, options.concurrent_timeout);
    session.batch_execute(&limits).await.map_err(failed)?;
    if let Some((schema, index)) = index {
        let row = session.query_one(&texts.invalid_index, &[schema, index]).await.map_err(failed)?;
        if row.try_get("invalid").map_err(failed)? {
            let drop = statements::drop_index_concurrently(schema, index);
            session.batch_execute(&drop).await.map_err(failed)?;
        }
    }
    session.batch_execute(&migration.sql).await.map_err(failed)?;
    session
        .execute(&texts.record, &[&migration.version, &migration.name, &migration.checksum, &options.by])
        .await
        .map_err(failed)?;
    Ok(())
}
