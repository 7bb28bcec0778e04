//! One moment of a database, held by a transaction: what it holds, counted, and a name under which pg_dump
//! sees the same.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Library, Store, StoreError, statements};
use crate::clients::postgres::{Postgres, Session, explain};
use crate::model::TableRows;

/// One moment of a database. It ends when this is dropped.
pub(crate) struct Snapshot {
    session: Session,
    postgres: Arc<Postgres>,
    library: Arc<Library>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Exported {
    pub(crate) id: String,
    pub(crate) at: DateTime<Utc>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Table {
    pub(crate) schema: String,
    pub(crate) table: String,
}

impl Store {
    /// Holds this moment. `lock` bounds the wait for a table's lock, `statement` each question.
    pub(crate) async fn snapshot(&self, lock: Duration, statement: Duration) -> Result<Snapshot, StoreError> {
        let session = self.postgres.session().await?;
        let begin = statements::snapshot(lock, statement);
        session.batch_execute(&begin).await.map_err(|e| explain(&e))?;
        Ok(Snapshot { session, postgres: self.postgres.clone(), library: self.library.clone() })
    }
}

impl Snapshot {
    pub(crate) async fn export(&self) -> Result<Exported, StoreError> {
        let name = "backup_snapshot";
        let mut rows: Vec<Exported> = self.rows(name).await?;
        rows.pop().ok_or_else(|| none(name))
    }

    /// The tables whose rows a dump holds.
    pub(crate) async fn tables(&self) -> Result<Vec<Table>, StoreError> {
        self.rows("backup_tables").await
    }

    /// How many indexes, constraints and so on there are, each under its name.
    pub(crate) async fn objects(&self) -> Result<Map<String, Value>, StoreError> {
        let name = "backup_objects";
        let mut rows: Vec<Map<String, Value>> = self.rows(name).await?;
        rows.pop().ok_or_else(|| none(name))
    }

    /// The rows of a table, counted.
    pub(crate) async fn count(&self, table: Table) -> Result<TableRows, StoreError> {
        let sql = statements::count(&table.schema, &table.table);
        let rows: Vec<u64> = self.ask(&sql, "count").await?;
        let rows = rows.first().copied().ok_or_else(|| none("count"))?;
        Ok(TableRows { schema: table.schema, table: table.table, rows })
    }

    async fn rows<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, StoreError> {
        self.ask(&statements::as_json(&self.library.sql(name)?.text), name).await
    }

    /// The rows of a statement that gives one JSON value each.
    async fn ask<T: DeserializeOwned>(&self, sql: &str, name: &str) -> Result<Vec<T>, StoreError> {
        let call = self.session.query_typed(sql, &[]);
        let rows =
            self.postgres.cancelling(self.session.cancel_token(), call).await.map_err(|e| explain(&e))?;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let value: Value = row.try_get(0).map_err(|e| explain(&e))?;
            let value = serde_json::from_value(value);
            all.push(
                value.map_err(|e| StoreError::BadRow { name: name.to_owned(), message: e.to_string() })?,
            );
        }
        Ok(all)
    }
}

fn none(name: &str) -> StoreError {
    StoreError::BadRow { name: name.to_owned(), message: "one row is needed, none came".to_owned() }
}
