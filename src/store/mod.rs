//! Named queries and their typed rows. SQL text lives in `queries/`, one question a file; no
//! other layer holds any.
//!
//! A query of a check or a report runs in a read-only transaction with a time-out on the server,
//! so that an overriding file of the user's can neither write nor run away, and works behind a
//! transaction pooler: values are bound as text, statements are unnamed, settings are local.

mod library;
pub(crate) mod probes;
mod samples;
mod snapshot;
pub(crate) mod statements;
mod timing;
mod write;

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio_postgres::types::{ToSql, Type};

use crate::base::units;
use crate::clients::postgres::ClientError;
use crate::clients::postgres::{Postgres, Session, explain};

pub use library::{Language, Library, Query};
pub(crate) use snapshot::{Exported, Snapshot};
pub(crate) use write::{Done, Once};

/// Why a named query gave no rows.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database gave no answer, or said no.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// There is no such query.
    #[error("there is no query '{name}'")]
    NoSuchQuery { name: String, hint: String },
    /// The file cannot be used as a query.
    #[error("query {name}: {message}")]
    BadQuery { name: String, message: String },
    /// It gave more than its reader takes.
    #[error("query {name}: it gives more than {what}")]
    TooMuch { name: String, what: String },
    /// A row does not have the columns that its reader needs.
    #[error("query {name}: its rows do not fit: {message}")]
    BadRow { name: String, message: String },
}

/// How much of a query's answer is taken at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cap {
    pub(crate) rows: usize,
    /// Bytes of all rows as JSON.
    pub(crate) bytes: usize,
}

/// Values for a query's binds, by name; all are passed as text and cast in the query.
pub(crate) type Binds = BTreeMap<String, String>;

/// A database seen through named queries.
#[derive(Clone)]
pub struct Store {
    postgres: Arc<Postgres>,
    library: Arc<Library>,
    limit: Duration,
    lock: Option<Duration>,
}

impl Store {
    /// A store on a database. `limit` bounds each statement on the server.
    pub fn new(postgres: Arc<Postgres>, library: Arc<Library>, limit: Duration) -> Self {
        Self { postgres, library, limit, lock: None }
    }

    /// The same, whose questions give a lock up that they do not get within this time: the answer then says
    /// that it was a lock.
    #[must_use]
    pub(crate) fn giving_up_locks(mut self, after: Duration) -> Self {
        self.lock = Some(after);
        self
    }

    pub fn postgres(&self) -> &Arc<Postgres> {
        &self.postgres
    }

    /// The rows of a query that takes no values.
    pub(crate) async fn rows<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, StoreError> {
        self.rows_with(name, &Binds::new()).await
    }

    /// The only row of a query that takes no values.
    pub(crate) async fn one<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        let mut rows = self.rows(name).await?;
        match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => Ok(row),
            (row, _) => Err(StoreError::BadRow {
                name: name.to_owned(),
                message: format!("one row is needed, {} came", rows.len() + usize::from(row.is_some())),
            }),
        }
    }

    /// The rows of a query, each read as `T` from an object of its columns.
    pub(crate) async fn rows_with<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
    ) -> Result<Vec<T>, StoreError> {
        let query = self.library.sql(name)?;
        let values = query.order(binds)?;
        let rows = self.read(&query, &values).await?;
        rows.into_iter()
            .map(|row| {
                serde_json::from_value(row)
                    .map_err(|e| StoreError::BadRow { name: name.to_owned(), message: e.to_string() })
            })
            .collect()
    }

    /// The rows of a query as objects of their columns, if they stay below the cap. No more than that
    /// is ever held.
    pub(crate) async fn rows_capped(
        &self,
        name: &str,
        binds: &Binds,
        cap: Cap,
    ) -> Result<Vec<Map<String, Value>>, StoreError> {
        let (texts, ended) = self.stream(name, binds, cap).await?;
        let what = || format!("{} rows or {}", units::count(cap.rows as f64), units::bytes(cap.bytes as f64));
        if !ended || texts.iter().map(String::len).sum::<usize>() > cap.bytes {
            return Err(StoreError::TooMuch { name: name.to_owned(), what: what() });
        }
        texts.iter().map(|text| parse(name, text)).collect()
    }

    /// The first rows of a query, as many as stay below the cap, but one at least; and whether that is
    /// all of them. No more than that is ever held.
    pub(crate) async fn first_rows<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
        cap: Cap,
    ) -> Result<(Vec<T>, bool), StoreError> {
        let (texts, ended) = self.stream(name, binds, cap).await?;
        let rows: Result<Vec<T>, StoreError> = texts.iter().map(|text| parse(name, text)).collect();
        Ok((rows?, ended))
    }

    /// Rows as texts of JSON, up to the cap, and whether that is all of them.
    async fn stream(&self, name: &str, binds: &Binds, cap: Cap) -> Result<(Vec<String>, bool), StoreError> {
        let query = self.library.sql(name)?;
        let values = query.order(binds)?;
        let sql = statements::as_json_text(&query.text, cap.rows.saturating_add(1));
        let limits = statements::local_limits(self.limit);
        let mut client = self.postgres.get().await?;
        let token = client.cancel_token();
        let call = async {
            let transaction = client.build_transaction().read_only(true).start().await?;
            transaction.batch_execute(&limits).await?;
            let typed: Vec<(&str, Type)> = values.iter().map(|v| (*v, Type::TEXT)).collect();
            let mut stream = pin!(transaction.query_typed_raw(&sql, typed).await?);
            let (mut texts, mut bytes) = (Vec::<String>::new(), 0);
            while let Some(row) = stream.try_next().await? {
                let text: String = row.try_get(0)?;
                bytes += text.len();
                if texts.len() == cap.rows || (bytes > cap.bytes && !texts.is_empty()) {
                    return Ok((texts, false));
                }
                texts.push(text);
            }
            Ok((texts, true))
        };
        self.postgres.cancelling(token, call).await.map_err(|e: tokio_postgres::Error| explain(&e).into())
    }

    /// Tries to take the lock that makes this session the only one to act on its database.
    pub(crate) async fn try_run_lock(session: &Session, library: &Library) -> Result<bool, StoreError> {
        let query = library.sql("engine/try_run_lock")?;
        let row = session.query_typed_one(&query.text, &[]).await.map_err(|e| explain(&e))?;
        Ok(row.try_get(0).map_err(|e| explain(&e))?)
    }

    /// The process that serves a session.
    pub(crate) async fn backend_pid(session: &Session, library: &Library) -> Result<i32, StoreError> {
        let query = library.sql("engine/backend_pid")?;
        let row = session.query_typed_one(&query.text, &[]).await.map_err(|e| explain(&e))?;
        Ok(row.try_get(0).map_err(|e| explain(&e))?)
    }

    async fn read(&self, query: &Query, values: &[&str]) -> Result<Vec<Value>, StoreError> {
        // As JSON the columns come typed by the server, and any reader's type fits them.
        let sql = statements::as_json(&query.text);
        let limits = match self.lock {
            Some(lock) => statements::transaction_limits(lock.min(self.limit), self.limit),
            None => statements::local_limits(self.limit),
        };
        let mut client = self.postgres.get().await?;
        let token = client.cancel_token();
        let call = async {
            let transaction = client.build_transaction().read_only(true).start().await?;
            let typed = as_text(values);
            let (_, rows) =
                tokio::try_join!(transaction.batch_execute(&limits), transaction.query_typed(&sql, &typed))?;
            transaction.commit().await?;
            Ok(rows)
        };
        let rows = self.postgres.cancelling(token, call).await.map_err(|e| explain(&e))?;
        rows.iter().map(|row| row.try_get(0).map_err(|e| explain(&e).into())).collect()
    }
}

fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|e| StoreError::BadRow { name: name.to_owned(), message: e.to_string() })
}

/// Binds every value as text; the query casts it.
fn as_text<'a>(values: &'a [&'a str]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    values.iter().map(|v| (v as &(dyn ToSql + Sync), Type::TEXT)).collect()
}
