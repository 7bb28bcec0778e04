//! Running queries by name, each in a read-only transaction.

use std::pin::pin;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Binds, Query, Store, StoreError, as_text, statements};
use crate::base::units;
use crate::clients::postgres::{RawJson, RawText, explain};

/// How many rows, and how many bytes of them as JSON, are read at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowLimit {
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
}

impl Store {
    pub(super) async fn rows<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, StoreError> {
        self.rows_with(name, &Binds::new()).await
    }

    /// No rows in a database whose migration with the tables of the query is pending.
    pub(super) async fn rows_if_migrated<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Vec<T>, StoreError> {
        match self.rows(name).await {
            Err(e) if e.is_not_migrated() => Ok(Vec::new()),
            rows => rows,
        }
    }

    /// The only row of a query that takes no values.
    pub(super) async fn one<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        self.one_with(name, &Binds::new()).await
    }

    /// The only row of a query.
    pub(super) async fn one_with<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
    ) -> Result<T, StoreError> {
        let mut rows = self.rows_with(name, binds).await?;
        let count = rows.len();
        match rows.pop() {
            Some(row) if count == 1 => Ok(row),
            _ => Err(StoreError::bad_row(name, format!("{count} rows instead of one"))),
        }
    }

    /// The first row of a query.
    pub(super) async fn optional<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.rows_with(name, binds).await?.into_iter().next())
    }

    /// The rows of a query, each deserialized from an object of its columns.
    pub(crate) async fn rows_with<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
    ) -> Result<Vec<T>, StoreError> {
        let query = self.library.sql(name)?;
        let values = query.order(binds)?;
        let rows = self.read(&query, &values).await?;
        rows.into_iter()
            .map(|row| serde_json::from_value(row).map_err(|e| StoreError::bad_row(name, e)))
            .collect()
    }

    /// The rows of a query as objects of their columns; an error when they exceed the limit. It never
    /// holds more than the limit in memory.
    pub(crate) async fn rows_limited(
        &self,
        name: &str,
        binds: &Binds,
        limit: RowLimit,
    ) -> Result<Vec<Map<String, Value>>, StoreError> {
        let (texts, is_complete) = self.stream(name, binds, limit).await?;
        if !is_complete || texts.iter().map(RawText::len).sum::<usize>() > limit.bytes {
            let (rows, bytes) = (units::count(limit.rows as f64), units::bytes(limit.bytes as f64));
            return Err(StoreError::TooLarge {
                name: name.to_owned(),
                limit: format!("{rows} rows or {bytes}"),
            });
        }
        // A step must not compute with replacement characters.
        let checked = |text: RawText| text.checked("a row").map_err(|e| StoreError::bad_row(name, e));
        texts.into_iter().map(|text| parse(name, &checked(text)?)).collect()
    }

    /// The first rows of a query up to the limit, at least one, and whether these are all. Text that is not UTF-8 has
    /// replacement characters.
    pub(super) async fn first_rows<T: DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
        limit: RowLimit,
    ) -> Result<(Vec<T>, bool), StoreError> {
        let (texts, is_complete) = self.stream(name, binds, limit).await?;
        let rows: Result<Vec<T>, StoreError> = texts.iter().map(|text| parse(name, &text.lossy())).collect();
        Ok((rows?, is_complete))
    }

    /// Runs queries that take no values one after the other in one read-only transaction, and returns how
    /// long each took from sending it to its last row. Connecting and BEGIN and COMMIT do not count.
    pub(crate) async fn time_queries(&self, names: &[String]) -> Result<Vec<Duration>, StoreError> {
        let mut texts = Vec::with_capacity(names.len());
        for name in names {
            let query = self.library.sql(name)?;
            query.order(&Binds::new())?;
            texts.push(query.text);
        }
        let limits = statements::local_limits(self.statement_timeout);
        let mut client = self.session().await?;
        let token = client.cancel_token();
        let call = async {
            let transaction = client.read_only_transaction().await?;
            transaction.batch_execute(&limits).await?;
            let mut times = Vec::with_capacity(texts.len());
            for text in &texts {
                let begin = Instant::now();
                transaction.query_typed(text, &[]).await?;
                times.push(begin.elapsed());
            }
            transaction.commit().await?;
            Ok(times)
        };
        self.postgres.cancelling(token, call).await.map_err(|e: tokio_postgres::Error| explain(&e).into())
    }

    /// Rows as JSON text up to the limit, and whether these are all.
    async fn stream(
        &self,
        name: &str,
        binds: &Binds,
        limit: RowLimit,
    ) -> Result<(Vec<RawText>, bool), StoreError> {
        let query = self.library.sql(name)?;
        let values = query.order(binds)?;
        let sql = statements::as_json_text(&query.text, limit.rows.saturating_add(1));
        let limits = statements::local_limits(self.statement_timeout);
        let mut client = self.session().await?;
        let token = client.cancel_token();
        let call = async {
            let transaction = client.read_only_transaction().await?;
            transaction.batch_execute(&limits).await?;
            let mut stream = pin!(transaction.stream(&sql, &values).await?);
            let (mut texts, mut bytes) = (Vec::<RawText>::new(), 0);
            while let Some(row) = transaction.next_row(stream.as_mut()).await? {
                let text: RawText = row.try_get(0)?;
                bytes += text.len();
                if texts.len() == limit.rows || (bytes > limit.bytes && !texts.is_empty()) {
                    return Ok((texts, false));
                }
                texts.push(text);
            }
            Ok((texts, true))
        };
        self.postgres.cancelling(token, call).await.map_err(|e: tokio_postgres::Error| explain(&e).into())
    }

    async fn read(&self, query: &Query, values: &[&str]) -> Result<Vec<Value>, StoreError> {
        // The server types the columns as JSON, so that any row type can read them.
        let sql = statements::as_json(&query.text);
        let limits = match self.lock_timeout {
            Some(lock) => {
                statements::transaction_limits(lock.min(self.statement_timeout), self.statement_timeout)
            }
            None => statements::local_limits(self.statement_timeout),
        };
        let mut client = self.session().await?;
        let token = client.cancel_token();
        let call = async {
            let transaction = client.read_only_transaction().await?;
            let typed = as_text(values);
            let (_, rows) =
                tokio::try_join!(transaction.batch_execute(&limits), transaction.query_typed(&sql, &typed))?;
            transaction.commit().await?;
            Ok(rows)
        };
        let rows = self.postgres.cancelling(token, call).await.map_err(|e| explain(&e))?;
        rows.iter().map(|row| row.try_get(0).map(RawJson::lossy).map_err(|e| explain(&e).into())).collect()
    }
}

fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::bad_row(name, e))
}
