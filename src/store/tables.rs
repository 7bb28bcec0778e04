//! Tables and indexes: size, statistics, bloat, and the progress of maintenance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Store, StoreError, binds};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TableSize {
    /// `schema.table`.
    pub(crate) table: String,
    /// Bytes with indexes and TOAST.
    pub(crate) bytes: u64,
    /// Bytes of its indexes.
    pub(crate) index_bytes: u64,
    /// Dead rows.
    pub(crate) dead: u64,
}

/// Size and dead rows of one table.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct TableBloat {
    /// Bytes with indexes and TOAST.
    pub(crate) bytes: u64,
    pub(crate) dead: u64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TableName {
    pub(crate) schema: String,
    pub(crate) table: String,
}

/// The planner's row estimate of one table.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct RowEstimate {
    /// Null before the first ANALYZE.
    pub(crate) rows: Option<u64>,
}

/// An index that is larger than its entries need.
#[derive(Debug, Deserialize)]
pub(crate) struct BloatedIndex {
    pub(crate) schema: String,
    pub(crate) table_name: String,
    pub(crate) index_name: String,
    pub(crate) bytes: u64,
    /// The estimated part of it that is waste, at most 1; negative when the estimate is too large.
    pub(crate) waste: f64,
}

/// An invalid index that a failed REINDEX CONCURRENTLY left behind.
#[derive(Debug, Deserialize)]
pub(crate) struct LeftoverIndex {
    pub(crate) schema: String,
    pub(crate) table_name: String,
    pub(crate) index_name: String,
}

/// A maintenance command whose progress PostgreSQL reports.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MaintenanceCommand {
    Analyze,
    CreateIndex,
    Vacuum,
}

#[derive(Debug, Deserialize)]
pub(crate) struct MaintenanceProgress {
    pub(crate) phase: String,
    pub(crate) done: u64,
    /// 0 when the phase has no countable total.
    pub(crate) total: u64,
}

fn table_binds(schema: &str, table: &str) -> super::Binds {
    binds([("schema", schema.to_owned()), ("table", table.to_owned())])
}

impl Store {
    /// The 100 largest tables, largest first.
    pub(crate) async fn table_sizes(&self) -> Result<Vec<TableSize>, StoreError> {
        self.rows("table_sizes").await
    }

    /// None when there is no such table.
    pub(crate) async fn table_bloat(
        &self,
        schema: &str,
        table: &str,
    ) -> Result<Option<TableBloat>, StoreError> {
        self.optional("table_size", &table_binds(schema, table)).await
    }

    /// None when there is no such table.
    pub(crate) async fn row_estimate(
        &self,
        schema: &str,
        table: &str,
    ) -> Result<Option<RowEstimate>, StoreError> {
        self.optional("table_estimate", &table_binds(schema, table)).await
    }

    /// The tables that this role may analyze, the scheduler's first.
    pub(crate) async fn tables_to_analyze(&self) -> Result<Vec<TableName>, StoreError> {
        self.rows("tables_to_analyze").await
    }

    /// Indexes of at least `min_bytes` of which at least `min_waste` (0 to 1) is waste.
    pub(crate) async fn bloated_indexes(
        &self,
        min_bytes: u64,
        min_waste: f64,
    ) -> Result<Vec<BloatedIndex>, StoreError> {
        let binds = binds([("min_bytes", min_bytes.to_string()), ("min_waste", min_waste.to_string())]);
        self.rows_with("index_bloat", &binds).await
    }

    pub(crate) async fn leftover_indexes(&self) -> Result<Vec<LeftoverIndex>, StoreError> {
        self.rows("index_leftovers").await
    }

    /// None when there is no such index.
    pub(crate) async fn index_bytes(&self, schema: &str, index: &str) -> Result<Option<u64>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            bytes: u64,
        }
        let binds = binds([("schema", schema.to_owned()), ("index", index.to_owned())]);
        let row: Option<Row> = self.optional("index_size", &binds).await?;
        Ok(row.map(|row| row.bytes))
    }

    /// None when the command does not run on this table, or the role may not see it.
    pub(crate) async fn maintenance_progress(
        &self,
        command: MaintenanceCommand,
        schema: &str,
        table: &str,
    ) -> Result<Option<MaintenanceProgress>, StoreError> {
        let query = match command {
            MaintenanceCommand::Analyze => "analyze_progress",
            MaintenanceCommand::CreateIndex => "index_progress",
            MaintenanceCommand::Vacuum => "vacuum_progress",
        };
        self.optional(query, &table_binds(schema, table)).await
    }
}
