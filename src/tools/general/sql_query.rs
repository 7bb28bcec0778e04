//! `sql.query`: returns the rows of a named query whose file is marked `-- task: yes`.
//!
//! Tasks cannot contain SQL. The query runs in a read-only transaction with a server-side timeout; values are
//! bound; the result size is limited. Errors do not contain the query text.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::scalar::Scalar;
use crate::base::units;
use crate::clients::{ClientError, ErrorCode, postgres};
use crate::model::{Finding, Status, StepPlan};
use crate::store::{Binds, RowLimit, StoreError};
use crate::tools::postgres::named_query;
use crate::tools::{Output, ParamIssue, Queries, Tool, ToolContext, ToolError};

/// Limits of a result, which is stored with the run.
const LIMIT: RowLimit = RowLimit { rows: 1000, bytes: 1 << 20 };

pub(crate) struct SqlQuery;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The query's name: its file below `queries/` without the ending.
    pub(crate) query: String,
    /// Values for the query's binds.
    #[serde(default)]
    pub(crate) binds: BTreeMap<String, Scalar>,
    /// Require exactly one row, which is also returned as `row`.
    #[serde(default)]
    pub(crate) single: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Rows {
    /// The rows, each an object of its columns.
    pub(crate) rows: Vec<Map<String, Value>>,
    pub(crate) count: usize,
    /// The only row, with `single`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) row: Option<Map<String, Value>>,
}

/// The first comment line of the query, if tasks may run it.
fn marked(params: &Params, ctx: &ToolContext) -> Result<String, ToolError> {
    let query = ctx.library.sql(&params.query)?;
    if query.is_allowed_in_tasks {
        return Ok(query.title);
    }
    Err(ToolError::Refused {
        message: format!("query {} is not marked for tasks", params.query),
        hint: Some("add `-- task: yes` to the comment at the top of the query file".into()),
    })
}

/// The error without the server's message, which may quote the query.
fn redacted(error: StoreError, query: &str) -> ToolError {
    match error {
        StoreError::Client(ClientError::Failed { code: Some(ErrorCode::Sql(state)), .. }) => {
            let code = state.code();
            let why = match code {
                "25006" => "tasks may only read".to_owned(),
                "57014" => "it exceeded the step's timeout".to_owned(),
                "42P01" | "42703" => "this database lacks one of its tables or columns".to_owned(),
                code if code.starts_with("22") => format!("a value does not fit its type (SQLSTATE {code})"),
                code => format!("SQLSTATE {code}"),
            };
            // 40: the transaction lost against another one.
            if code.starts_with("40") {
                return ToolError::failed(format!("query {query}: {why}"));
            }
            ToolError::rejected(format!("query {query}: {why}"))
        }
        StoreError::Client(ClientError::Denied { .. }) => {
            ToolError::rejected(format!("query {query}: the database role lacks the privilege"))
        }
        other => other.into(),
    }
}

impl Tool for SqlQuery {
    type Params = Params;
    type Result = Rows;

    const NAME: &'static str = "sql.query";
    const HELP: &'static str = "Return the rows of a named query that is marked for tasks";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn review(&self, with: &Map<String, Value>, queries: &Queries) -> Vec<ParamIssue> {
        let (query, mut issues) = named_query::review(with, "binds", |name| queries.sql(name));
        if let Some(query) = query.filter(|q| !q.is_allowed_in_tasks) {
            let message = format!("the query '{}' is not marked for tasks (`-- task: yes`)", query.name);
            issues.push(ParamIssue { key: "query", message });
        }
        issues
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        marked(params, ctx)?;
        let binds: Vec<String> = params.binds.iter().map(|(k, v)| format!("{k} = {}", v.0)).collect();
        let binds = if binds.is_empty() { String::new() } else { format!(" with {}", binds.join(", ")) };
        let call = format!("query {}{binds}", params.query);
        Ok(StepPlan::new(format!("Run the query {}", params.query), vec![call]))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Rows>, ToolError> {
        let question = marked(&params, ctx)?;
        let binds: Binds = params.binds.iter().map(|(k, v)| (k.clone(), v.0.clone())).collect();
        let rows = ctx.store()?.rows_limited(&params.query, &binds, LIMIT).await;
        let rows = rows.map_err(|e| redacted(e, &params.query))?;
        let count = rows.len();
        if params.single && count != 1 {
            let message = format!("query {}: expected one row, got {count}", params.query);
            return Err(ToolError::rejected(message));
        }
        let row = rows.first().filter(|_| params.single).cloned();
        let summary = format!("{question}: {}", units::counted(count as f64, "row"));
        let finding = Finding::new("", Self::SOURCE, Status::Ok, summary);
        Ok(Output::new(vec![finding], Rows { rows, count, row }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::postgres::SqlState;

    #[test]
    fn errors_do_not_quote_the_query() {
        let quoting = |code: &str| {
            let message = "syntax error at or near \"DROP TABLE x\"".to_owned();
            let code = Some(ErrorCode::Sql(SqlState::from_code(code)));
            let error = ClientError::Failed { system: postgres::SYSTEM, code, message };
            redacted(error.into(), "mine").to_string()
        };
        for code in ["42601", "42P01", "42703", "25006", "57014", "P0001", "23505", "22P02", "40001"] {
            let text = quoting(code);
            assert!(text.starts_with("query mine: ") && !text.contains("DROP"), "{text}");
        }
    }
}
