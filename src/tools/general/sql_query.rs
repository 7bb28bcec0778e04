//! `sql.query`: the rows of a named query that is marked for tasks.
//!
//! A task can neither bring SQL of its own nor use a query whose file does not say `-- task: yes`.
//! It runs in a read-only transaction with a time-out on the server, its values are bound, and what
//! it gives is bounded. No error holds the query's text.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::scalar::Scalar;
use crate::base::units;
use crate::clients::{ClientError, ErrorCode, postgres};
use crate::model::{Finding, Status};
use crate::store::{Binds, RowLimit, StoreError};
use crate::tools::postgres::named_query;
use crate::tools::{Output, ParamIssue, Queries, Tool, ToolContext, ToolError};

/// What one answer may hold: it becomes part of a run's record.
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
    /// Exactly one row is needed; it is given as `row`, too.
    #[serde(default)]
    pub(crate) single: bool,
}

/// What it gives.
#[derive(Debug, Serialize)]
pub(crate) struct Rows {
    /// The rows, each an object of its columns.
    pub(crate) rows: Vec<Map<String, Value>>,
    /// How many.
    pub(crate) count: usize,
    /// The only one, where `single` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) row: Option<Map<String, Value>>,
}

/// The query's question, if tasks may ask it.
fn marked(params: &Params, ctx: &ToolContext) -> Result<String, ToolError> {
    let query = ctx.library.sql(&params.query)?;
    if query.is_allowed_in_tasks {
        return Ok(query.title);
    }
    Err(ToolError::Refused {
        message: format!("the query {} is not marked for tasks", params.query),
        hint: Some("add the line `-- task: yes` to the comment at its beginning".into()),
    })
}

/// Without words of the server's that could quote the query.
fn discreet(error: StoreError, query: &str) -> ToolError {
    match error {
        StoreError::Client(ClientError::Failed { code: Some(ErrorCode::Sql(state)), .. }) => {
            let code = state.code();
            let why = match code {
                "25006" => "it tries to write, and tasks only read here".to_owned(),
                "57014" => "it did not end within the step's time-out".to_owned(),
                "42P01" | "42703" => "it names a table or column that this database does not have".to_owned(),
                code if code.starts_with("22") => format!("a value does not fit its type (SQLSTATE {code})"),
                code => format!("the database refuses it (SQLSTATE {code})"),
            };
            // 40: the transaction lost against another one.
            if code.starts_with("40") {
                return ToolError::failed(format!("query {query}: {why}"));
            }
            ToolError::rejected(format!("query {query}: {why}"))
        }
        StoreError::Client(ClientError::Denied { .. }) => {
            ToolError::rejected(format!("query {query}: the database's user lacks the right to it"))
        }
        other => other.into(),
    }
}

impl Tool for SqlQuery {
    type Params = Params;
    type Result = Rows;

    const NAME: &'static str = "sql.query";
    const HELP: &'static str = "the rows of a named query that is marked for tasks";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn review(&self, with: &Map<String, Value>, queries: &Queries) -> Vec<ParamIssue> {
        let (query, mut doubts) = named_query::review(with, "binds", |name| queries.sql(name));
        if let Some(query) = query.filter(|q| !q.is_allowed_in_tasks) {
            let message = format!("the query '{}' is not marked for tasks (`-- task: yes`)", query.name);
            doubts.push(ParamIssue { key: "query", message });
        }
        doubts
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        marked(params, ctx)?;
        let binds: Vec<String> = params.binds.iter().map(|(k, v)| format!("{k} = {}", v.0)).collect();
        let binds = if binds.is_empty() { String::new() } else { format!(" with {}", binds.join(", ")) };
        Ok(vec![format!("query {}{binds}", params.query)])
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Rows>, ToolError> {
        let question = marked(&params, ctx)?;
        let binds: Binds = params.binds.iter().map(|(k, v)| (k.clone(), v.0.clone())).collect();
        let rows = ctx.store()?.rows_limited(&params.query, &binds, LIMIT).await;
        let rows = rows.map_err(|e| discreet(e, &params.query))?;
        let count = rows.len();
        if params.single && count != 1 {
            let message = format!("query {}: one row is needed, {count} came", params.query);
            return Err(ToolError::rejected(message));
        }
        let row = rows.first().filter(|_| params.single).cloned();
        let summary = format!("{question}: {} rows", units::count(count as f64));
        let finding = Finding::new("", Self::SOURCE, Status::Ok, summary);
        Ok(Output::new(vec![finding], Rows { rows, count, row }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::postgres::SqlState;

    #[test]
    fn no_error_holds_what_the_server_says_of_the_query() {
        let quoting = |code: &str| {
            let message = "syntax error at or near \"DROP TABLE x\"".to_owned();
            let code = Some(ErrorCode::Sql(SqlState::from_code(code)));
            let error = ClientError::Failed { system: postgres::SYSTEM, code, message };
            discreet(error.into(), "mine").to_string()
        };
        for code in ["42601", "42P01", "42703", "25006", "57014", "P0001", "23505", "22P02", "40001"] {
            let text = quoting(code);
            assert!(text.starts_with("query mine: ") && !text.contains("DROP"), "{text}");
        }
    }
}
