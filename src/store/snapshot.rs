//! A snapshot of the database held by a transaction: its tables and row counts, and the exported name with
//! which pg_dump reads the same snapshot.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::tables::TableName;
use super::{Library, Store, StoreError, statements};
use crate::clients::postgres::{LIMIT_MARGIN, Postgres, Session, explain};
use crate::model::TableRows;

/// Ends when it is dropped.
pub(crate) struct Snapshot {
    session: Session,
    postgres: Arc<Postgres>,
    library: Arc<Library>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ExportedSnapshot {
    pub(crate) id: String,
    pub(crate) at: DateTime<Utc>,
}

impl Store {
    /// Opens a snapshot. `lock` bounds the wait for a table lock, `statement` each query.
    pub(crate) async fn snapshot(&self, lock: Duration, statement: Duration) -> Result<Snapshot, StoreError> {
        let session = self.postgres.session().await?.with_limit(statement.saturating_add(LIMIT_MARGIN));
        let begin = statements::snapshot(lock, statement);
        session.batch_execute(&begin).await.map_err(|e| explain(&e))?;
        Ok(Snapshot { session, postgres: self.postgres.clone(), library: self.library.clone() })
    }
}

impl Snapshot {
    pub(crate) async fn export(&self) -> Result<ExportedSnapshot, StoreError> {
        self.one("backup_snapshot").await
    }

    /// The tables whose rows a dump contains.
    pub(crate) async fn tables(&self) -> Result<Vec<TableName>, StoreError> {
        self.rows("backup_tables").await
    }

    /// How many indexes, constraints and so on there are, by kind.
    pub(crate) async fn objects(&self) -> Result<Map<String, Value>, StoreError> {
        self.one("backup_objects").await
    }

    pub(crate) async fn count_rows(&self, table: TableName) -> Result<TableRows, StoreError> {
        let sql = statements::count_rows(&table.schema, &table.table);
        let rows: Vec<u64> = self.query(&sql, "count").await?;
        let rows = rows.first().copied().ok_or_else(|| no_row("count"))?;
        Ok(TableRows { schema: table.schema, table: table.table, rows })
    }

    async fn one<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        self.rows(name).await?.pop().ok_or_else(|| no_row(name))
    }

    async fn rows<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, StoreError> {
        self.query(&statements::as_json(&self.library.sql(name)?.text), name).await
    }

    /// The rows of a statement that returns one JSON value each.
    async fn query<T: DeserializeOwned>(&self, sql: &str, name: &str) -> Result<Vec<T>, StoreError> {
        let call = self.session.query_typed(sql, &[]);
        let rows =
            self.postgres.cancelling(self.session.cancel_token(), call).await.map_err(|e| explain(&e))?;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let value: Value = row.try_get(0).map_err(|e| explain(&e))?;
            all.push(serde_json::from_value(value).map_err(|e| StoreError::bad_row(name, e))?);
        }
        Ok(all)
    }
}

fn no_row(name: &str) -> StoreError {
    StoreError::bad_row(name, "no row instead of one")
}
