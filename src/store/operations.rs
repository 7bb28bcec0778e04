//! Operations: the database's journal of runbook runs (`ordctl.operation`, `ordctl.operation_step`).

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{RowLimit, Store, StoreError, binds, timestamp};
use crate::model::Operation;

/// A list of runs takes no more memory than this.
const LIST_BYTES: usize = 16 << 20;

pub(crate) struct NewOperation<'a> {
    pub(crate) runbook: &'a str,
    pub(crate) params: &'a Value,
    pub(crate) environment: &'a str,
    pub(crate) host: &'a str,
    pub(crate) user: &'a str,
    pub(crate) reason: Option<&'a str>,
}

pub(crate) struct OperationStep<'a> {
    pub(crate) position: usize,
    pub(crate) id: &'a str,
    pub(crate) uses: &'a str,
    /// The exact statements and calls.
    pub(crate) calls: &'a [String],
}

/// A change of a service's number of instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScaleChange {
    pub(crate) seconds_ago: f64,
    /// Who or what made it, or how it is known.
    pub(crate) by: String,
    /// Instances before.
    #[serde(default)]
    pub(crate) from: Option<u32>,
    /// Instances requested.
    #[serde(default)]
    pub(crate) to: Option<u32>,
}

impl Store {
    pub(crate) async fn begin_operation(
        &self,
        operation: Uuid,
        new: &NewOperation<'_>,
    ) -> Result<(), StoreError> {
        let binds = binds([
            ("operation", operation.to_string()),
            ("runbook", new.runbook.to_owned()),
            ("params", new.params.to_string()),
            ("environment", new.environment.to_owned()),
            ("host", new.host.to_owned()),
            ("user", new.user.to_owned()),
            ("pid", std::process::id().to_string()),
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("reason", new.reason.unwrap_or_default().to_owned()),
        ]);
        self.write_any_text("engine/operation_begin", &binds).await
    }

    pub(crate) async fn begin_operation_step(
        &self,
        operation: Uuid,
        step: &OperationStep<'_>,
    ) -> Result<(), StoreError> {
        let binds = binds([
            ("operation", operation.to_string()),
            ("position", step.position.to_string()),
            ("step", step.id.to_owned()),
            ("uses", step.uses.to_owned()),
            ("calls", serde_json::json!(step.calls).to_string()),
        ]);
        self.write_any_text("engine/operation_step_begin", &binds).await
    }

    pub(crate) async fn end_operation_step(
        &self,
        operation: Uuid,
        position: usize,
        status: &str,
        error: &str,
        result: &str,
    ) -> Result<(), StoreError> {
        let binds = binds([
            ("operation", operation.to_string()),
            ("position", position.to_string()),
            ("status", status.to_owned()),
            ("error", error.to_owned()),
            ("result", result.to_owned()),
        ]);
        self.write_any_text("engine/operation_step_end", &binds).await
    }

    pub(crate) async fn end_operation(&self, operation: Uuid, status: &str) -> Result<(), StoreError> {
        let binds = binds([("operation", operation.to_string()), ("status", status.to_owned())]);
        self.write("engine/operation_end", &binds).await
    }

    /// Marks an unfinished operation as replaced by a newer one.
    pub(crate) async fn supersede_operation(&self, operation: Uuid) -> Result<(), StoreError> {
        self.write("engine/operation_supersede", &binds([("operation", operation.to_string())])).await
    }

    /// Recorded runs and changes with ids in a range, newest first; none in a database that is not migrated.
    pub(crate) async fn operations(
        &self,
        ids: &RangeInclusive<Uuid>,
        since: Option<DateTime<Utc>>,
        limit: usize,
    ) -> Result<Vec<Operation>, StoreError> {
        let binds = binds([
            ("low", ids.start().to_string()),
            ("high", ids.end().to_string()),
            ("since", since.map(timestamp).unwrap_or_default()),
            ("limit", limit.to_string()),
        ]);
        let bounds = RowLimit { rows: limit, bytes: LIST_BYTES };
        match self.first_rows("engine/operation_list", &binds, bounds).await {
            Ok((operations, _)) => Ok(operations),
            Err(e) if e.is_not_migrated() => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }

    /// The last recorded change of a service's number of instances; none in a database that is not migrated.
    pub(crate) async fn last_scale_change(&self, service: &str) -> Result<Option<ScaleChange>, StoreError> {
        match self.optional("engine/last_scaling", &binds([("service", service.to_owned())])).await {
            Err(e) if e.is_not_migrated() => Ok(None),
            change => change,
        }
    }
}
