//! Answers of the API that are not one object: a page of a list, the result of an operation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Length of the list; counted up to 100,000.
    pub(crate) total: i64,
    pub(crate) limit: i64,
    pub(crate) offset: i64,
    /// Whether more items follow.
    pub(crate) has_more: bool,
    /// `cursor` of the next page; costs the same at any depth of the list.
    pub(crate) next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Takes up to `limit + 1` items; the extra one sets `has_more`.
    pub(crate) fn new(mut items: Vec<T>, total: i64, limit: i64, offset: i64) -> Self {
        let fits = usize::try_from(limit).unwrap_or_default();
        let has_more = items.len() > fits;
        items.truncate(fits);
        let counted = offset + i64::try_from(items.len()).unwrap_or_default() + i64::from(has_more);
        Self { items, total: total.max(counted), limit, offset, has_more, next_cursor: None }
    }
}

/// The result of an operation that succeeded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Op {
    /// Always true; failures use the error format.
    pub(crate) success: bool,
    pub(crate) message: String,
    pub(crate) details: Value,
}

impl Op {
    pub(crate) fn new(message: &str, details: Value) -> Self {
        Self { success: true, message: message.to_owned(), details }
    }
}
