//! Validates the query that a step names, before the step runs.

use serde_json::{Map, Value};

use crate::store::{Binds, Query, StoreError};
use crate::tools::ParamIssue;

/// The query that `query` in `with` names, and issues with its name or with the values under `binds`.
/// Templates in either are checked only when the step runs.
pub(crate) fn review(
    with: &Map<String, Value>,
    binds: &str,
    find: impl FnOnce(&str) -> Result<Query, StoreError>,
) -> (Option<Query>, Vec<ParamIssue>) {
    let issue = |e: StoreError| vec![ParamIssue { key: "query", message: e.to_string() }];
    let name = with.get("query").and_then(Value::as_str).filter(|name| !name.contains("${"));
    let Some(name) = name else { return (None, Vec::new()) };
    let query = match find(name) {
        Ok(query) => query,
        Err(e) => return (None, issue(e)),
    };
    let given = match with.get(binds) {
        Some(Value::Object(given)) => given.keys().map(|k| (k.clone(), String::new())).collect(),
        None => Binds::new(),
        Some(_) => return (Some(query), Vec::new()),
    };
    let issues = query.order(&given).map_or_else(issue, |_| Vec::new());
    (Some(query), issues)
}
