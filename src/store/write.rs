//! The engine's own writing statements, each in its own transaction or under an idempotency key.

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Binds, Store, StoreError, as_text, binds, statements};
use crate::clients::postgres::{ASCII_LAST, RawJson, code_points, explain, is_missing_character};

/// Who changes something, and the details of the row of `audit_log`.
pub(crate) struct Audit<'a> {
    pub(crate) actor: Uuid,
    pub(crate) details: &'a Value,
}

impl Audit<'_> {
    /// These values and those of the audit row.
    pub(super) fn binds<const N: usize>(&self, values: [(&str, String); N]) -> Binds {
        let mut all = binds(values);
        all.insert("actor".to_owned(), self.actor.to_string());
        all.insert("details".to_owned(), self.details.to_string());
        all
    }
}

/// A request with this key runs at most once a day; repeats get the stored answer.
#[derive(Clone, Debug)]
pub(crate) struct IdempotencyKey {
    pub(crate) agent: String,
    pub(crate) key: String,
    /// A digest of the request, to detect another request with the same key.
    pub(crate) request: String,
}

#[derive(Debug)]
pub(crate) enum IdempotentResult<T> {
    /// The statement ran now; its first row, if any.
    Executed(Option<T>),
    /// An earlier request used the key.
    Replayed {
        /// The digest of that request.
        request: String,
        answer: Value,
    },
}

#[derive(serde::Deserialize)]
struct StoredAnswer {
    request: String,
    answer: Value,
}

/// Rows of one JSON value each.
fn decoded<T: DeserializeOwned>(name: &str, rows: &[Row]) -> Result<Vec<T>, StoreError> {
    rows.iter()
        .map(|row| {
            let value = row.try_get(0).map(RawJson::lossy).map_err(|e| explain(&e))?;
            serde_json::from_value(value).map_err(|e| StoreError::bad_row(name, e))
        })
        .collect()
}

impl Store {
    /// Runs one of the engine's own statements, which may write, in its own transaction.
    pub(super) async fn write(&self, name: &str, binds: &Binds) -> Result<(), StoreError> {
        self.transact(name, binds).await.map(drop)
    }

    /// Like [`Store::write`]. Characters that the database's encoding lacks are stored as code points: what is recorded
    /// is text of other systems, and is not lost for one character.
    pub(super) async fn write_any_text(&self, name: &str, binds: &Binds) -> Result<(), StoreError> {
        self.transact_any_text(name, binds).await.map(drop)
    }

    /// Like [`Store::write_any_text`], and returns the rows, each of one JSON value.
    pub(super) async fn write_any_text_returning<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
    ) -> Result<Vec<T>, StoreError> {
        decoded(name, &self.transact_any_text(name, binds).await?)
    }

    /// Like [`Store::write`], and returns the rows, each of one JSON value.
    pub(super) async fn write_returning<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
    ) -> Result<Vec<T>, StoreError> {
        decoded(name, &self.transact(name, binds).await?)
    }

    /// The first row of a writing statement.
    pub(super) async fn write_optional<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.write_returning(name, binds).await?.into_iter().next())
    }

    async fn transact_any_text(&self, name: &str, binds: &Binds) -> Result<Vec<Row>, StoreError> {
        match self.transact(name, binds).await {
            Err(e) if e.sql_state().is_some_and(is_missing_character) => {
                let in_ascii = |(key, value): (&String, &String)| {
                    (key.clone(), code_points(value, ASCII_LAST).into_owned())
                };
                self.transact(name, &binds.iter().map(in_ascii).collect()).await
            }
            done => done,
        }
    }

    async fn transact(&self, name: &str, binds: &Binds) -> Result<Vec<Row>, StoreError> {
        let query = self.library.sql(name)?;
        let values = query.order(binds)?;
        let begin = format!("{}; {}", statements::BEGIN, statements::writing_limits(self.statement_timeout));
        let client = self.session().await?;
        let token = client.cancel_token();
        let call = async {
            let typed = as_text(&values);
            // Pipelined, so that no lock is held for a network round trip. After an error COMMIT rolls back.
            let (begun, rows, done) = tokio::join!(
                client.begin_with(&begin),
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

    /// The digest and the answer of the request that used this key within a day.
    pub(crate) async fn find_idempotent(
        &self,
        key: &IdempotencyKey,
    ) -> Result<Option<(String, Value)>, StoreError> {
        let binds = binds([("agent", key.agent.clone()), ("key", key.key.clone())]);
        let stored: Vec<StoredAnswer> = self.write_returning("engine/idempotency/find", &binds).await?;
        let answered = stored.into_iter().find(|s| !s.answer.is_null());
        Ok(answered.map(|s| (s.request, s.answer)))
    }

    /// Like [`Store::write_idempotent`]; without a key every call runs the statement.
    pub(super) async fn write_once<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
        key: Option<&IdempotencyKey>,
        is_success: impl Fn(&Value) -> bool,
    ) -> Result<IdempotentResult<T>, StoreError> {
        match key {
            Some(key) => self.write_idempotent(name, binds, key, is_success).await,
            None => Ok(IdempotentResult::Executed(self.write_optional(name, binds).await?)),
        }
    }

    /// Like [`Store::write_returning`], at most once per key. Where `is_success` rejects the first row,
    /// everything is rolled back and the key stays unused.
    async fn write_idempotent<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
        key: &IdempotencyKey,
        is_success: impl Fn(&Value) -> bool,
    ) -> Result<IdempotentResult<T>, StoreError> {
        let text = |name: &str| self.library.sql(name).map(|q| q.text);
        let (reserve, complete, find) = (
            text("engine/idempotency/reserve")?,
            text("engine/idempotency/complete")?,
            text("engine/idempotency/find")?,
        );
        let query = self.library.sql(name)?;
        let values = query.order(binds)?;
        let limits = statements::writing_limits(self.statement_timeout);
        let (agent, request, key) = (key.agent.as_str(), key.request.as_str(), key.key.as_str());
        let mut client = self.session().await?;
        let token = client.cancel_token();
        let call = async {
            let transaction = client.transaction().await?;
            transaction.batch_execute(&limits).await?;
            let reserved = transaction.query_typed(&reserve, &as_text(&[agent, key, request])).await?;
            if reserved.is_empty() {
                return Ok((transaction.query_typed(&find, &as_text(&[agent, key])).await?, true));
            }
            let rows = transaction.query_typed(&query.text, &as_text(&values)).await?;
            if let Some(row) = rows.first() {
                let answer = row.try_get(0).map(RawJson::lossy)?;
                if is_success(&answer) {
                    let values = [agent, key, &answer.to_string()];
                    transaction.execute_typed(&complete, &as_text(&values)).await?;
                    transaction.commit().await?;
                }
            }
            Ok((rows, false))
        };
        let (rows, is_replay) =
            self.postgres.cancelling(token, call).await.map_err(|e: tokio_postgres::Error| explain(&e))?;
        let row = rows.first().map(|r| r.try_get(0).map(RawJson::lossy));
        let row = row.transpose().map_err(|e| explain(&e))?;
        let bad = |e: serde_json::Error| StoreError::bad_row(name, e);
        if is_replay {
            let stored: StoredAnswer = serde_json::from_value(row.unwrap_or_default()).map_err(bad)?;
            return Ok(IdempotentResult::Replayed { request: stored.request, answer: stored.answer });
        }
        Ok(IdempotentResult::Executed(row.map(serde_json::from_value).transpose().map_err(bad)?))
    }
}
