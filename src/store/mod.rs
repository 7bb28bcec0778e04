//! Named queries and their typed rows. SQL text lives in `queries/`, one question a file; no
//! other layer holds any.
//!
//! A query of a check or a report runs in a read-only transaction with a time-out on the server,
//! so that an overriding file of the user's can neither write nor run away, and works behind a
//! transaction pooler: values are bound as text, statements are unnamed, settings are local.

mod library;
pub mod statements;

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

/// Why a named query gave no rows.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database gave no answer, or said no.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// There is no such query.
    #[error("there is no query '{name}'")]
    NoSuchQuery {
        /// The name asked for.
        name: String,
        /// The nearest right one.
        hint: String,
    },
    /// The file cannot be used as a query.
    #[error("query {name}: {message}")]
    BadQuery {
        /// The query.
        name: String,
        /// What is wrong.
        message: String,
    },
    /// It gave more than its reader takes.
    #[error("query {name}: it gives more than {what}")]
    TooMuch {
        /// The query.
        name: String,
        /// How much is taken.
        what: String,
    },
    /// A row does not have the columns that its reader needs.
    #[error("query {name}: its rows do not fit: {message}")]
    BadRow {
        /// The query.
        name: String,
        /// What does not fit.
        message: String,
    },
}

/// How much of a query's answer is taken at most.
#[derive(Clone, Copy, Debug)]
pub struct Cap {
    /// Rows.
    pub rows: usize,
    /// Bytes of all rows as JSON.
    pub bytes: usize,
}

/// An idempotency key: what is done under it is done once a day, and its answer kept.
#[derive(Clone, Debug)]
pub struct Once {
    /// Whose it is.
    pub agent: String,
    /// The key.
    pub key: String,
    /// A digest of the request, which tells another one from the same again.
    pub request: String,
}

/// What became of something that is done once.
#[derive(Debug)]
pub enum Done<T> {
    /// It was done now, with this row, or it was not done: without a row, or with one that says why.
    Now(Option<T>),
    /// It was done before.
    Before {
        /// The digest of that request.
        request: String,
        /// Its row.
        answer: Value,
    },
}

#[derive(serde::Deserialize)]
struct Kept {
    request: String,
    answer: Value,
}

/// Values for a query's binds, by name; all are passed as text and cast in the query.
pub type Binds = BTreeMap<String, String>;

/// A database seen through named queries.
#[derive(Clone)]
pub struct Store {
    postgres: Arc<Postgres>,
    library: Arc<Library>,
    limit: Duration,
}

impl Store {
    /// A store on a database. `limit` bounds each statement on the server.
    pub fn new(postgres: Arc<Postgres>, library: Arc<Library>, limit: Duration) -> Self {
        Self { postgres, library, limit }
    }

    /// The database behind it.
    pub fn postgres(&self) -> &Arc<Postgres> {
        &self.postgres
    }

    /// The rows of a query that takes no values.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rows<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, StoreError> {
        self.rows_with(name, &Binds::new()).await
    }

    /// The only row of a query that takes no values.
    ///
    /// # Errors
    /// See [`StoreError`]; no row or several are a [`StoreError::BadRow`].
    pub async fn one<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
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
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rows_with<T: DeserializeOwned>(
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
    ///
    /// # Errors
    /// See [`StoreError`]; above the cap it is a [`StoreError::TooMuch`].
    pub async fn rows_capped(
        &self,
        name: &str,
        binds: &Binds,
        cap: Cap,
    ) -> Result<Vec<Map<String, Value>>, StoreError> {
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
                if texts.len() == cap.rows || bytes > cap.bytes {
                    return Ok(None);
                }
                texts.push(text);
            }
            Ok(Some(texts))
        };
        let texts =
            self.postgres.cancelling(token, call).await.map_err(|e: tokio_postgres::Error| explain(&e))?;
        let what = || format!("{} rows or {}", units::count(cap.rows as f64), units::bytes(cap.bytes as f64));
        let texts = texts.ok_or_else(|| StoreError::TooMuch { name: name.to_owned(), what: what() })?;
        let bad = |e: serde_json::Error| StoreError::BadRow { name: name.to_owned(), message: e.to_string() };
        texts.iter().map(|text| serde_json::from_str(text).map_err(bad)).collect()
    }

    /// Runs one of the engine's own statements, which may write, in a transaction of its own.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn write(&self, name: &str, binds: &Binds) -> Result<u64, StoreError> {
        let query = self.library.sql(name)?;
        let values = query.order(binds)?;
        let limits = statements::local_limits(self.limit);
        let mut client = self.postgres.get().await?;
        let token = client.cancel_token();
        let call = async {
            let transaction = client.build_transaction().start().await?;
            let typed = as_text(&values);
            let (_, rows) = tokio::try_join!(
                transaction.batch_execute(&limits),
                transaction.execute_typed(&query.text, &typed)
            )?;
            transaction.commit().await?;
            Ok(rows)
        };
        self.postgres.cancelling(token, call).await.map_err(|e: tokio_postgres::Error| explain(&e).into())
    }

    /// Runs one of the engine's own statements that write and answer: each row is one JSON value.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn change<T: DeserializeOwned>(&self, name: &str, binds: &Binds) -> Result<Vec<T>, StoreError> {
        let query = self.library.sql(name)?;
        let values = query.order(binds)?;
        let limits = statements::local_limits(self.limit);
        let mut client = self.postgres.get().await?;
        let token = client.cancel_token();
        let call = async {
            let transaction = client.build_transaction().start().await?;
            let typed = as_text(&values);
            let (_, rows) = tokio::try_join!(
                transaction.batch_execute(&limits),
                transaction.query_typed(&query.text, &typed)
            )?;
            transaction.commit().await?;
            Ok(rows)
        };
        let rows = self.postgres.cancelling(token, call).await.map_err(|e| explain(&e))?;
        rows.iter()
            .map(|row| {
                let value: Value = row.try_get(0).map_err(|e| explain(&e))?;
                serde_json::from_value(value)
                    .map_err(|e| StoreError::BadRow { name: name.to_owned(), message: e.to_string() })
            })
            .collect()
    }

    /// As [`Store::change`], at most once for a key. `good` tells whether a row means that something was
    /// done; otherwise nothing is kept, and the key is free again.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn change_once<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
        once: &Once,
        good: impl Fn(&Value) -> bool,
    ) -> Result<Done<T>, StoreError> {
        let text = |name: &str| self.library.sql(name).map(|q| q.text);
        let (take, keep, find) =
            (text("engine/once/take")?, text("engine/once/keep")?, text("engine/once/find")?);
        let query = self.library.sql(name)?;
        let values = query.order(binds)?;
        let limits = statements::local_limits(self.limit);
        let (agent, key) = (once.agent.as_str(), once.key.as_str());
        let mut client = self.postgres.get().await?;
        let token = client.cancel_token();
        let call = async {
            let transaction = client.build_transaction().start().await?;
            transaction.batch_execute(&limits).await?;
            let taken = transaction.query_typed(&take, &as_text(&[agent, key, &once.request])).await?;
            if taken.is_empty() {
                let found = transaction.query_typed(&find, &as_text(&[agent, key])).await?;
                return Ok((found, true));
            }
            let rows = transaction.query_typed(&query.text, &as_text(&values)).await?;
            if let Some(row) = rows.first() {
                let answer: Value = row.try_get(0)?;
                if good(&answer) {
                    transaction.execute_typed(&keep, &as_text(&[agent, key, &answer.to_string()])).await?;
                    transaction.commit().await?;
                }
            }
            Ok((rows, false))
        };
        let (rows, before) =
            self.postgres.cancelling(token, call).await.map_err(|e: tokio_postgres::Error| explain(&e))?;
        let row: Option<Value> = rows.first().map(|r| r.try_get(0)).transpose().map_err(|e| explain(&e))?;
        let bad = |e: serde_json::Error| StoreError::BadRow { name: name.to_owned(), message: e.to_string() };
        if before {
            let kept: Kept = serde_json::from_value(row.unwrap_or_default()).map_err(bad)?;
            return Ok(Done::Before { request: kept.request, answer: kept.answer });
        }
        Ok(Done::Now(row.map(serde_json::from_value).transpose().map_err(bad)?))
    }

    /// Tries to take the lock that makes this session the only one to act on its database.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn try_run_lock(session: &Session, library: &Library) -> Result<bool, StoreError> {
        let query = library.sql("engine/try_run_lock")?;
        let row = session.query_typed_one(&query.text, &[]).await.map_err(|e| explain(&e))?;
        Ok(row.try_get(0).map_err(|e| explain(&e))?)
    }

    /// The process that serves a session.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn backend_pid(session: &Session, library: &Library) -> Result<i32, StoreError> {
        let query = library.sql("engine/backend_pid")?;
        let row = session.query_typed_one(&query.text, &[]).await.map_err(|e| explain(&e))?;
        Ok(row.try_get(0).map_err(|e| explain(&e))?)
    }

    async fn read(&self, query: &Query, values: &[&str]) -> Result<Vec<Value>, StoreError> {
        // As JSON the columns come typed by the server, and any reader's type fits them.
        let sql = statements::as_json(&query.text);
        let limits = statements::local_limits(self.limit);
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

/// Binds every value as text; the query casts it.
fn as_text<'a>(values: &'a [&'a str]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    values.iter().map(|v| (v as &(dyn ToSql + Sync), Type::TEXT)).collect()
}
