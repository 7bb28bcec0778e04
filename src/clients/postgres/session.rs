//! A session whose every exchange with the server has a deadline. Only these methods reach the server, so no
//! statement can wait forever for a host that is gone.
//!
//! A session that misses a deadline, or whose server shuts down or no longer accepts writes, is closed: it
//! never returns to the pool.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{
    CancelToken, Client, Error, GenericClient, Row, RowStream, SimpleQueryMessage, Statement, ToStatement,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::health::Health;

/// A working server answers a check within this time.
pub(super) const CHECK_LIMIT: Duration = Duration::from_secs(2);
/// BEGIN waits for nothing: it finds out soon that a session is silent, whatever the statement's limit is.
const BEGIN_LIMIT: Duration = Duration::from_secs(5);
const CANCEL_LIMIT: Duration = Duration::from_secs(2);
const WRITABLE: &str = "SHOW transaction_read_only";

/// A connection or a transaction on it. Dropping the connection disconnects.
pub struct Timed<C> {
    inner: C,
    watch: Arc<Watch>,
    /// In a read-only transaction a refused write says nothing about the server.
    may_write: bool,
}

pub type Session = Timed<Client>;
pub type Transaction<'a> = Timed<tokio_postgres::Transaction<'a>>;

struct Watch {
    task: JoinHandle<()>,
    token: CancelToken,
    tls: MakeRustlsConnect,
    /// Milliseconds.
    limit: AtomicU64,
    closed: AtomicBool,
    health: Arc<Health>,
    born: u64,
    needs_writes: bool,
}

impl Watch {
    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.task.abort();
    }

    fn limit(&self) -> Duration {
        Duration::from_millis(self.limit.load(Ordering::Relaxed))
    }

    fn is_usable(&self) -> bool {
        !self.closed.load(Ordering::Acquire) && self.health.epoch() == self.born
    }

    /// The answer to a statement, if it comes within `limit`.
    async fn within<T>(
        &self,
        limit: Duration,
        may_write: bool,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if !self.is_usable() {
            // The call fails at once.
            self.close();
        }
        let Ok(answer) = timeout(limit, call).await else {
            self.health.missed_deadline();
            self.close();
            // The server may be well and still at it.
            cancel(self.token.clone(), self.tls.clone());
            return Err(Error::__private_api_timeout());
        };
        let state = answer.as_ref().err().and_then(Error::code);
        if state == Some(&SqlState::READ_ONLY_SQL_TRANSACTION) && may_write {
            self.health.end(self.born);
            self.close();
        } else if state.is_some_and(ends_session) {
            self.close();
        }
        answer
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// SQLSTATE 57P0x: the server ends sessions; class 08: the connection failed.
fn ends_session(state: &SqlState) -> bool {
    state.code().starts_with("57P0") || state.code().starts_with("08")
}

impl Session {
    pub(super) fn new(
        client: Client,
        task: JoinHandle<()>,
        tls: MakeRustlsConnect,
        limit: Duration,
        health: Arc<Health>,
        needs_writes: bool,
    ) -> Self {
        let (token, born) = (client.cancel_token(), health.epoch());
        let closed = AtomicBool::new(false);
        let watch = Watch { task, token, tls, limit: AtomicU64::new(0), closed, health, born, needs_writes };
        Self { inner: client, watch: Arc::new(watch), may_write: true }.with_limit(limit)
    }

    /// The same session with another deadline, for statements that take longer by design.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        self.set_limit(limit);
        self
    }

    /// Whether a pool may hand it out.
    pub(super) fn is_usable(&self) -> bool {
        self.watch.is_usable() && !self.inner.is_closed()
    }

    /// Asks the server for an answer and, if the session needs it, whether it still accepts writes. Closes the
    /// session otherwise.
    pub(crate) async fn check(&self) -> Result<(), Error> {
        let ask = self.inner.simple_query(WRITABLE);
        let answer = self.watch.within(CHECK_LIMIT, true, ask).await?;
        let is_read_only =
            answer.iter().any(|m| matches!(m, SimpleQueryMessage::Row(row) if row.get(0) == Some("on")));
        if self.watch.needs_writes && is_read_only {
            self.watch.health.end(self.watch.born);
            self.watch.close();
            return Err(Error::__private_api_timeout());
        }
        Ok(())
    }

    pub(crate) fn cancel_token(&self) -> CancelToken {
        self.watch.token.clone()
    }

    /// Begins a transaction. Dropping it rolls it back.
    pub async fn transaction(&mut self) -> Result<Transaction<'_>, Error> {
        self.begin(true).await
    }

    pub(crate) async fn read_only_transaction(&mut self) -> Result<Transaction<'_>, Error> {
        self.begin(false).await
    }

    async fn begin(&mut self, may_write: bool) -> Result<Transaction<'_>, Error> {
        let mut builder = self.inner.build_transaction();
        if !may_write {
            builder = builder.read_only(true);
        }
        let inner =
            self.watch.within(self.watch.limit().min(BEGIN_LIMIT), may_write, builder.start()).await?;
        Ok(Timed { inner, watch: self.watch.clone(), may_write })
    }
}

impl Transaction<'_> {
    pub async fn commit(self) -> Result<(), Error> {
        self.watch.within(self.watch.limit(), self.may_write, self.inner.commit()).await
    }

    pub async fn rollback(self) -> Result<(), Error> {
        self.watch.within(self.watch.limit(), self.may_write, self.inner.rollback()).await
    }
}

impl<C: GenericClient + Sync> Timed<C> {
    pub fn set_limit(&self, limit: Duration) {
        let millis = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        self.watch.limit.store(millis, Ordering::Relaxed);
    }

    async fn within<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.watch.within(self.watch.limit(), self.may_write, call).await
    }

    pub async fn prepare(&self, sql: &str) -> Result<Statement, Error> {
        self.within(self.inner.prepare(sql)).await
    }

    pub async fn batch_execute(&self, sql: &str) -> Result<(), Error> {
        self.within(self.inner.batch_execute(sql)).await
    }

    /// Begins a transaction by statements that wait for nothing.
    pub(crate) async fn begin_with(&self, sql: &str) -> Result<(), Error> {
        let limit = self.watch.limit().min(BEGIN_LIMIT);
        self.watch.within(limit, self.may_write, self.inner.batch_execute(sql)).await
    }

    pub async fn execute<T>(&self, statement: &T, values: &[&(dyn ToSql + Sync)]) -> Result<u64, Error>
    where
        T: ?Sized + ToStatement + Sync + Send,
    {
        self.within(self.inner.execute(statement, values)).await
    }

    pub async fn query<T>(&self, statement: &T, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error>
    where
        T: ?Sized + ToStatement + Sync + Send,
    {
        self.within(self.inner.query(statement, values)).await
    }

    pub async fn query_one<T>(&self, statement: &T, values: &[&(dyn ToSql + Sync)]) -> Result<Row, Error>
    where
        T: ?Sized + ToStatement + Sync + Send,
    {
        self.within(self.inner.query_one(statement, values)).await
    }

    pub(crate) async fn execute_typed(
        &self,
        sql: &str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<u64, Error> {
        self.within(self.inner.execute_typed(sql, values)).await
    }

    pub(crate) async fn query_typed(
        &self,
        sql: &str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, Error> {
        self.within(self.inner.query_typed(sql, values)).await
    }

    pub(crate) async fn query_typed_one(
        &self,
        sql: &str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Row, Error> {
        self.within(self.inner.query_typed_one(sql, values)).await
    }

    /// Begins to read rows, which [`Timed::next_row`] returns.
    pub(crate) async fn stream(&self, sql: &str, values: &[&str]) -> Result<RowStream, Error> {
        let typed: Vec<(&str, Type)> = values.iter().map(|v| (*v, Type::TEXT)).collect();
        self.within(self.inner.query_typed_raw(sql, typed)).await
    }

    pub(crate) async fn next_row(&self, rows: Pin<&mut RowStream>) -> Result<Option<Row>, Error> {
        let mut rows = rows;
        self.within(rows.try_next()).await
    }
}

/// Cancels the running statement of a connection on the server, without waiting for it. Best effort: the
/// server may not answer.
pub(super) fn cancel(token: CancelToken, tls: MakeRustlsConnect) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(async move {
            drop(timeout(CANCEL_LIMIT, token.cancel_query(tls)).await);
        });
    }
}
