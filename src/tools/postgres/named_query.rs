//! What can be said of a named query before it is asked.

use serde_json::{Map, Value};

use crate::store::{Binds, Query, StoreError};
use crate::tools::ParamIssue;

/// What is wrong with the query that `query` in `with` names, and with the values under `binds`. A
/// template in either leaves it to the run.
pub(crate) fn review(
    with: &Map<String, Value>,
    binds: &str,
    find: impl FnOnce(&str) -> Result<Query, StoreError>,
) -> (Option<Query>, Vec<ParamIssue>) {
    let doubt = |e: StoreError| vec![ParamIssue { key: "query", message: e.to_string() }];
    let name = with.get("query").and_then(Value::as_str).filter(|name| !name.contains("${"));
    let Some(name) = name else { return (None, Vec::new()) };
    let query = match find(name) {
        Ok(query) => query,
        Err(e) => return (None, doubt(e)),
    };
    let given = match with.get(binds) {
        Some(Value::Object(given)) => given.keys().map(|k| (k.clone(), String::new())).collect(),
        None => Binds::new(),
        Some(_) => return (Some(query), Vec::new()),
    };
    let doubts = query.order(&given).map_or_else(doubt, |_| Vec::new());
    (Some(query), doubts)
}
