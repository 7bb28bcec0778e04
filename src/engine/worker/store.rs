//! The worker's session: records outcomes and claims the next jobs in one transaction and one round
//! trip (promises 1, 2 and 4).

use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use super::claim::ClaimedBatch;
use super::columns::OutcomeColumns;
use super::cursor::ScanStart;
use super::definitions::Definitions;
use super::outcome::Outcome;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, RawText, Session, explain};
use crate::store::prepared::WorkerStatements;
use crate::store::statements::{BEGIN, COMMIT};

/// Its primary key allows one final run per occurrence.
const RUNS: &str = "task_run";

/// Why a transaction was not committed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkerStoreError {
    /// The session is lost, or the server rejects every statement. The transaction may have been
    /// committed; repeating it is harmless.
    #[error(transparent)]
    Session(#[from] ClientError),
    /// A lock conflict; try again.
    #[error("lock conflict: {0}")]
    Contended(String),
    /// One of the outcomes cannot be stored.
    #[error("{0}")]
    Unstorable(String),
    /// One of the occurrences already has a final run.
    #[error("the occurrence already has a final run")]
    AlreadyFinal,
}

impl std::convert::From<tokio_postgres::Error> for WorkerStoreError {
    fn from(e: tokio_postgres::Error) -> Self {
        let Some(db) = e.as_db_error() else { return Self::Session(explain(&e)) };
        let contended = [
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::QUERY_CANCELED,
        ];
        // SQLSTATE classes 22: data exception; 23: integrity constraint; 54: program limit exceeded.
        let unstorable = ["22", "23", "54"].iter().any(|class| db.code().code().starts_with(class));
        match db.code() {
            code if *code == SqlState::UNIQUE_VIOLATION && db.table() == Some(RUNS) => Self::AlreadyFinal,
            code if contended.contains(code) => Self::Contended(db.message().to_owned()),
            _ if unstorable => Self::Unstorable(db.message().to_owned()),
            _ => Self::Session(explain(&e)),
        }
    }
}

/// Parameters of a claim.
pub(crate) struct Claim<'a> {
    pub(crate) worker: &'a str,
    pub(crate) limit: usize,
    pub(crate) lease: Duration,
    /// Row ids that the worker still runs.
    pub(crate) running: &'a [i64],
    pub(crate) start: &'a ScanStart,
}

/// A session with the worker's prepared statements.
pub(crate) struct WorkerStore {
    session: Session,
    statements: WorkerStatements,
}

impl WorkerStore {
    /// `limit`: the deadline of a statement, on the server and here.
    pub(crate) async fn open(postgres: &Postgres, limit: Duration) -> Result<Self, WorkerStoreError> {
        let session = postgres.session().await?.with_limit(limit);
        let statements = WorkerStatements::prepare(&session).await?;
        let millis = i64::try_from(limit.as_millis()).unwrap_or(i64::MAX);
        session.query(&statements.settings, &[&millis]).await?;
        Ok(Self { session, statements })
    }

    pub(crate) async fn register(
        &self,
        worker: &str,
        node: &str,
        lease: Duration,
        capacity: usize,
    ) -> Result<(), WorkerStoreError> {
        let capacity = i32::try_from(capacity).unwrap_or(i32::MAX);
        self.session
            .execute(&self.statements.register, &[&worker, &node, &lease.as_secs_f64(), &capacity])
            .await?;
        Ok(())
    }

    /// Unregisters a worker without leases.
    pub(crate) async fn unregister(&self, worker: &str) -> Result<(), WorkerStoreError> {
        self.session.execute(&self.statements.unregister, &[&worker]).await?;
        Ok(())
    }

    /// Hands back rows that are leased to the worker but not in `known`, its list of lease tokens.
    pub(crate) async fn hand_back_unknown(
        &self,
        worker: &str,
        known: &[Uuid],
    ) -> Result<u64, WorkerStoreError> {
        let rows = self.session.query(&self.statements.hand_back_unknown, &[&worker, &known]).await?;
        let (mut ids, mut keys) = (Vec::new(), Vec::new());
        for row in &rows {
            if let Some(key) = row.try_get("concurrency_key")? {
                ids.push(row.try_get::<_, i64>("id")?);
                keys.push(key);
            }
        }
        self.free_keys(&keys, &ids).await?;
        Ok(rows.len() as u64)
    }

    /// Deletes the due work of an outcome whose occurrence already has a final run.
    pub(crate) async fn discard(&self, outcome: &Outcome) -> Result<(), WorkerStoreError> {
        self.session
            .execute(&self.statements.discard, &[&[outcome.id].as_slice(), &[outcome.token].as_slice()])
            .await?;
        let keys: Vec<RawText> = outcome.concurrency_key.iter().cloned().collect();
        self.free_keys(&keys, &[outcome.id]).await
    }

    async fn free_keys(&self, keys: &[RawText], ids: &[i64]) -> Result<(), WorkerStoreError> {
        if !keys.is_empty() {
            self.session.execute(&self.statements.free_slots, &[&keys, &ids]).await?;
            self.session.execute(&self.statements.promote, &[&keys]).await?;
        }
        Ok(())
    }

    /// Records outcomes and claims jobs in one transaction. The statements are pipelined; those that
    /// are not needed are skipped.
    pub(crate) async fn record_and_claim(
        &self,
        outcomes: &[Outcome],
        claim: Option<&Claim<'_>>,
    ) -> Result<ClaimedBatch, WorkerStoreError> {
        let columns = OutcomeColumns::new(outcomes);
        let tokens: Vec<Uuid> =
            claim.map_or_else(Vec::new, |c| (0..c.limit).map(|_| Uuid::now_v7()).collect());
        let lease = claim.map_or(0.0, |c| c.lease.as_secs_f64());
        let limit = claim.map_or(0, |c| i32::try_from(c.limit).unwrap_or(i32::MAX));
        let (worker, running) = claim.map_or(("", &[][..]), |c| (c.worker, c.running));
        let (times, ids) = claim.map_or((&[][..], &[][..]), |c| (&c.start.times[..], &c.start.ids[..]));
        let in_transaction = columns.statements() + usize::from(claim.is_some()) > 1;
        let (begin, complete, retry, hand_back, free_slots, promote, claimed, commit) = futures_util::join!(
            self.execute_if(in_transaction, BEGIN),
            self.query_if(columns.has_finished(), &self.statements.complete, columns.complete_params()),
            self.query_if(columns.has_retried(), &self.statements.retry, columns.retry_params()),
            self.query_if(columns.has_handed_back(), &self.statements.hand_back, columns.hand_back_params()),
            self.query_if(columns.has_keys(), &self.statements.free_slots, columns.free_slots_params()),
            self.query_if(columns.has_keys(), &self.statements.promote, columns.promote_params()),
            self.query_if(
                claim.is_some(),
                &self.statements.claim,
                [&worker, &limit, &lease, &tokens, &running, &times, &ids]
            ),
            self.execute_if(in_transaction, COMMIT),
        );
        // The first error is the cause; later ones only report the aborted transaction.
        begin?;
        for part in [complete, retry, hand_back, free_slots, promote] {
            part?;
        }
        let batch = ClaimedBatch::from_rows(&claimed?)?;
        commit?;
        Ok(batch)
    }

    async fn execute_if(&self, needed: bool, text: &str) -> Result<(), tokio_postgres::Error> {
        if needed { self.session.batch_execute(text).await } else { Ok(()) }
    }

    async fn query_if<const N: usize>(
        &self,
        needed: bool,
        statement: &Statement,
        values: [&(dyn ToSql + Sync); N],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        if needed { self.session.query(statement, &values).await } else { Ok(Vec::new()) }
    }

    /// Claims one job that must run alone.
    pub(crate) async fn claim_alone(
        &self,
        worker: &str,
        lease: Duration,
        running: &[i64],
    ) -> Result<ClaimedBatch, WorkerStoreError> {
        let values: [&(dyn ToSql + Sync); 4] = [&worker, &lease.as_secs_f64(), &Uuid::now_v7(), &running];
        Ok(ClaimedBatch::from_rows(&self.session.query(&self.statements.claim_alone, &values).await?)?)
    }

    /// Adds the definitions of these tasks to the cache.
    pub(crate) async fn load_definitions(
        &self,
        tasks: &[Uuid],
        cache: &mut Definitions,
    ) -> Result<(), WorkerStoreError> {
        if !tasks.is_empty() {
            cache.add(&self.session.query(&self.statements.definitions, &[&tasks]).await?)?;
        }
        Ok(())
    }

    /// Time until the next row becomes due.
    pub(crate) async fn next_due(&self) -> Result<Option<Duration>, WorkerStoreError> {
        let row = self.session.query_one(&self.statements.next_due, &[]).await?;
        let seconds: Option<f64> = row.try_get("seconds")?;
        Ok(seconds.map(|s| Duration::try_from_secs_f64(s.max(0.0)).unwrap_or(Duration::MAX)))
    }
}
