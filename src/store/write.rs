//! The engine's own statements, which write: each in a transaction of its own, or together with the
//! idempotency key under which it is done once.

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_postgres::Row;

use super::{Binds, Store, StoreError, as_text, statements};
use crate::clients::postgres::explain;

/// An idempotency key: what is done under it is done once a day, and its answer kept.
#[derive(Clone, Debug)]
pub(crate) struct Once {
    pub(crate) agent: String,
    pub(crate) key: String,
    /// A digest of the request, which tells another one from the same again.
    pub(crate) request: String,
}

/// What became of something that is done once.
#[derive(Debug)]
pub(crate) enum Done<T> {
    /// It was done now, with this row, or it was not done: without a row, or with one that says why.
    Now(Option<T>),
    Before {
        /// The digest of that request.
        request: String,
        answer: Value,
    },
}

#[derive(serde::Deserialize)]
struct Kept {
    request: String,
    answer: Value,
}

impl Store {
    /// Runs one of the engine's own statements, which may write, in a transaction of its own.
    pub(crate) async fn write(&self, name: &str, binds: &Binds) -> Result<(), StoreError> {
        self.transact(name, binds).await.map(drop)
    }

    /// Runs one of the engine's own statements that write and answer: each row is one JSON value.
    pub(crate) async fn change<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.transact(name, binds).await?;
        rows.iter()
            .map(|row| {
                let value: Value = row.try_get(0).map_err(|e| explain(&e))?;
                serde_json::from_value(value)
                    .map_err(|e| StoreError::BadRow { name: name.to_owned(), message: e.to_string() })
            })
            .collect()
    }

    async fn transact(&self, name: &str, binds: &Binds) -> Result<Vec<Row>, StoreError> {
        let query = self.library.sql(name)?;
        let values = query.order(binds)?;
        let begin = format!("{}; {}", statements::BEGIN, statements::writing_limits(self.limit));
        let client = self.postgres.get().await?;
        let token = client.cancel_token();
        let call = async {
            let typed = as_text(&values);
            // All in one flight: no lock is held for the way to us and back. After an error COMMIT is a
            // rollback.
            let (begun, rows, done) = tokio::join!(
                client.batch_execute(&begin),
                client.query_typed(&query.text, &typed),
                client.batch_execute(statements::COMMIT)
            );
            let rows = rows?;
            begun?;
            done?;
            Ok(rows)
        };
        self.postgres.cancelling(token, call).await.map_err(|e: tokio_postgres::Error| explain(&e).into())
    }

    /// What was done under an idempotency key within a day: the request's digest and its row.
    pub(crate) async fn done_before(&self, once: &Once) -> Result<Option<(String, Value)>, StoreError> {
        let binds =
            Binds::from([("agent".to_owned(), once.agent.clone()), ("key".to_owned(), once.key.clone())]);
        let kept: Vec<Kept> = self.change("engine/once/find", &binds).await?;
        let fresh = kept.into_iter().find(|k| !k.answer.is_null());
        Ok(fresh.map(|k| (k.request, k.answer)))
    }

    /// As [`Store::change`], at most once for a key. `good` tells whether a row means that something was
    /// done; otherwise nothing is kept, and the key is free again.
    pub(crate) async fn change_once<T: DeserializeOwned>(
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
        let limits = statements::writing_limits(self.limit);
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
}
