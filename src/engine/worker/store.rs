//! The worker's session: records what has ended and claims what runs next, in one transaction and
//! one round trip.

use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use super::claim::ClaimedBatch;
use super::columns::Columns;
use super::definitions::Definitions;
use super::marks::From;
use super::outcome::Outcome;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, Session, explain};
use crate::engine::sql;
use crate::store::statements::{BEGIN, COMMIT};

/// The table whose key an occurrence's final run has for itself.
const RUNS: &str = "task_run";

/// Why nothing of a transaction was done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkerStoreError {
    /// The session is lost, or the server said no to everything. Whether the transaction was
    /// committed is not known; doing it again does no harm.
    #[error(transparent)]
    Session(#[from] ClientError),
    /// Others were in the way. Try again.
    #[error("in each other's way: {0}")]
    Contended(String),
    /// An outcome among them cannot be stored.
    #[error("{0}")]
    Unstorable(String),
    /// An occurrence among them has its final run already.
    #[error("the occurrence has its final run already")]
    Settled,
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
        // 22: a value that no column can hold; 23: a constraint; 54: too large.
        let value = ["22", "23", "54"].iter().any(|class| db.code().code().starts_with(class));
        match db.code() {
            code if *code == SqlState::UNIQUE_VIOLATION && db.table() == Some(RUNS) => Self::Settled,
            code if contended.contains(code) => Self::Contended(db.message().to_owned()),
            _ if value => Self::Unstorable(db.message().to_owned()),
            _ => Self::Session(explain(&e)),
        }
    }
}

/// How much to claim, and for whom.
pub(crate) struct Claim<'a> {
    pub(crate) worker: &'a str,
    pub(crate) limit: usize,
    pub(crate) lease: Duration,
    pub(crate) running: &'a [i64],
    pub(crate) from: &'a From,
}

/// A session with the worker's statements.
pub(crate) struct WorkerStore {
    session: Session,
    register: Statement,
    leave: Statement,
    claim: Statement,
    claim_alone: Statement,
    definitions: Statement,
    complete: Statement,
    retry: Statement,
    hand_back: Statement,
    discard: Statement,
    forget: Statement,
    free_slots: Statement,
    promote: Statement,
    next_due: Statement,
}

impl WorkerStore {
    pub(crate) async fn open(postgres: &Postgres) -> Result<Self, WorkerStoreError> {
        let session = postgres.session().await?;
        let text = |name: &str| sql(&format!("work/{name}"));
        session.query(&text("session")?, &[]).await?;
        let statement = async |name: &str| -> Result<Statement, WorkerStoreError> {
            Ok(session.prepare(&text(name)?).await?)
        };
        Ok(Self {
            register: statement("register").await?,
            leave: statement("leave").await?,
            claim: statement("claim").await?,
            claim_alone: statement("claim_alone").await?,
            definitions: statement("definitions").await?,
            complete: statement("complete").await?,
            retry: statement("retry").await?,
            hand_back: statement("hand_back").await?,
            discard: statement("discard").await?,
            forget: statement("forget").await?,
            free_slots: statement("free_slots").await?,
            promote: statement("promote").await?,
            next_due: statement("next_due").await?,
            session,
        })
    }

    pub(crate) async fn register(
        &self,
        worker: &str,
        node: &str,
        lease: Duration,
        slots: usize,
    ) -> Result<(), WorkerStoreError> {
        let slots = i32::try_from(slots).unwrap_or(i32::MAX);
        self.session.execute(&self.register, &[&worker, &node, &lease.as_secs_f64(), &slots]).await?;
        Ok(())
    }

    /// Takes a worker out that holds nothing.
    pub(crate) async fn leave(&self, worker: &str) -> Result<(), WorkerStoreError> {
        self.session.execute(&self.leave, &[&worker]).await?;
        Ok(())
    }

    /// Hands back what is leased to a worker that knows only of `known`.
    pub(crate) async fn forget(&self, worker: &str, known: &[Uuid]) -> Result<u64, WorkerStoreError> {
        let rows = self.session.query(&self.forget, &[&worker, &known]).await?;
        let (mut ids, mut keys) = (Vec::new(), Vec::new());
        for row in &rows {
            if let Some(key) = row.try_get::<_, Option<String>>("concurrency_key")? {
                ids.push(row.try_get::<_, i64>("id")?);
                keys.push(key);
            }
        }
        self.free(&keys, &ids).await?;
        Ok(rows.len() as u64)
    }

    /// Removes the due work of an outcome whose occurrence has its final run already.
    pub(crate) async fn discard(&self, outcome: &Outcome) -> Result<(), WorkerStoreError> {
        self.session.execute(&self.discard, &[&[outcome.id].as_slice(), &[outcome.token].as_slice()]).await?;
        let keys: Vec<String> = outcome.key.iter().cloned().collect();
        self.free(&keys, &[outcome.id]).await
    }

    async fn free(&self, keys: &[String], ids: &[i64]) -> Result<(), WorkerStoreError> {
        if !keys.is_empty() {
            self.session.execute(&self.free_slots, &[&keys, &ids]).await?;
            self.session.execute(&self.promote, &[&keys]).await?;
        }
        Ok(())
    }

    /// Records outcomes and claims rows: all of it or nothing. The statements are sent together;
    /// those that are not needed are left out.
    pub(crate) async fn turn(
        &self,
        outcomes: &[Outcome],
        claim: Option<&Claim<'_>>,
    ) -> Result<ClaimedBatch, WorkerStoreError> {
        let columns = Columns::of(outcomes);
        let tokens: Vec<Uuid> =
            claim.map_or_else(Vec::new, |c| (0..c.limit).map(|_| Uuid::now_v7()).collect());
        let lease = claim.map_or(0.0, |c| c.lease.as_secs_f64());
        let limit = claim.map_or(0, |c| i32::try_from(c.limit).unwrap_or(i32::MAX));
        let (worker, running) = claim.map_or(("", &[][..]), |c| (c.worker, c.running));
        let (times, ids) = claim.map_or((&[][..], &[][..]), |c| (&c.from.times[..], &c.from.ids[..]));
        let several = columns.statements() + usize::from(claim.is_some()) > 1;
        let (begin, complete, retry, back, free, promote, claimed, commit) = futures_util::join!(
            self.control(several, BEGIN),
            self.ask(columns.ends(), &self.complete, columns.complete()),
            self.ask(columns.retries(), &self.retry, columns.retry()),
            self.ask(columns.backs(), &self.hand_back, columns.back()),
            self.ask(columns.keyed(), &self.free_slots, columns.slots()),
            self.ask(columns.keyed(), &self.promote, columns.promoted()),
            self.ask(
                claim.is_some(),
                &self.claim,
                [&worker, &limit, &lease, &tokens, &running, &times, &ids]
            ),
            self.control(several, COMMIT),
        );
        // The first error is the cause; those after it only say that the transaction had failed.
        begin?;
        for part in [complete, retry, back, free, promote] {
            part?;
        }
        let catch = ClaimedBatch::read(&claimed?)?;
        commit?;
        Ok(catch)
    }

    async fn control(&self, needed: bool, text: &str) -> Result<(), tokio_postgres::Error> {
        if needed { self.session.batch_execute(text).await } else { Ok(()) }
    }

    async fn ask<const N: usize>(
        &self,
        needed: bool,
        statement: &Statement,
        values: [&(dyn ToSql + Sync); N],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        if needed { self.session.query(statement, &values).await } else { Ok(Vec::new()) }
    }

    /// Claims one row that has to run alone.
    pub(crate) async fn claim_alone(
        &self,
        worker: &str,
        lease: Duration,
        running: &[i64],
    ) -> Result<ClaimedBatch, WorkerStoreError> {
        let values: [&(dyn ToSql + Sync); 4] = [&worker, &lease.as_secs_f64(), &Uuid::now_v7(), &running];
        Ok(ClaimedBatch::read(&self.session.query(&self.claim_alone, &values).await?)?)
    }

    /// Reads the definitions of tasks.
    pub(crate) async fn define(
        &self,
        tasks: &[Uuid],
        known: &mut Definitions,
    ) -> Result<(), WorkerStoreError> {
        if !tasks.is_empty() {
            known.learn(&self.session.query(&self.definitions, &[&tasks]).await?)?;
        }
        Ok(())
    }

    /// How long until a row becomes due that is not yet.
    pub(crate) async fn next_due(&self) -> Result<Option<Duration>, WorkerStoreError> {
        let row = self.session.query_one(&self.next_due, &[]).await?;
        let seconds: Option<f64> = row.try_get("seconds")?;
        Ok(seconds.map(|s| Duration::try_from_secs_f64(s.max(0.0)).unwrap_or(Duration::MAX)))
    }
}
