//! What templates and conditions can see.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::expression::{Item, LimitError, size};
use crate::base::size::Size;

/// The context of a pipeline: `now`, `params`, `steps.<save_as>`, and what the caller adds
/// (such as `event` and `task`). A clone shares the values.
#[derive(Clone, Debug)]
pub(crate) struct TemplateContext {
    now: DateTime<Utc>,
    names: BTreeMap<String, Arc<Value>>,
    steps: BTreeMap<String, Arc<Value>>,
    /// Of all values.
    size: usize,
}

impl TemplateContext {
    /// A context without results. `now` is constant for the whole pipeline.
    pub(crate) fn new(now: DateTime<Utc>, params: Map<String, Value>) -> Self {
        let mut context = Self { now, names: BTreeMap::new(), steps: BTreeMap::new(), size: 0 };
        context.set("now", json!(now.to_rfc3339_opts(SecondsFormat::Millis, true)));
        context.set("params", Value::Object(params));
        context
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Adds a name beside `now` and `params`.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        self.size += size(&value);
        self.names.insert(name.to_owned(), Arc::new(value));
    }

    /// Keeps the result of a step, unless the context would exceed the limit.
    pub(crate) fn save(&mut self, name: &str, result: Arc<Value>, limit: Size) -> Result<(), LimitError> {
        let replaced = self.steps.get(name).map_or(0, |earlier| size(earlier));
        let total = self.size - replaced + size(&result);
        if total > limit.bytes() {
            return Err(LimitError::context(limit));
        }
        self.size = total;
        self.steps.insert(name.to_owned(), result);
        Ok(())
    }

    /// The saved results by name.
    pub(crate) fn steps(&self) -> &BTreeMap<String, Arc<Value>> {
        &self.steps
    }

    /// The context as expressions read it.
    pub(crate) fn item(&self) -> Item<'_> {
        let mut all = items(&self.names);
        all.insert("steps", Item::Map(Rc::new(items(&self.steps))));
        Item::Map(Rc::new(all))
    }
}

fn items(values: &BTreeMap<String, Arc<Value>>) -> BTreeMap<&str, Item<'_>> {
    values.iter().map(|(name, value)| (name.as_str(), Item::Value(value))).collect()
}
