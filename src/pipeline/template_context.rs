//! What templates and conditions can see.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

/// The context of a pipeline: `now`, `params`, `steps.<save_as>`, and what the caller adds
/// (such as `event` and `task`).
#[derive(Clone, Debug)]
pub(crate) struct TemplateContext {
    context: Map<String, Value>,
    steps: Map<String, Value>,
}

impl TemplateContext {
    /// A context without results. `now` is constant for the whole pipeline.
    pub(crate) fn new(now: DateTime<Utc>, params: Map<String, Value>) -> Self {
        let mut context = Map::new();
        context.insert("now".into(), json!(now.to_rfc3339_opts(SecondsFormat::Millis, true)));
        context.insert("params".into(), Value::Object(params));
        Self { context, steps: Map::new() }
    }

    /// Adds a name beside `now` and `params`.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        self.context.insert(name.to_owned(), value);
    }

    /// Keeps the result of a step.
    pub(crate) fn save(&mut self, name: &str, result: Value) {
        self.steps.insert(name.to_owned(), result);
    }

    pub(crate) fn value(&self) -> Value {
        let mut all = self.context.clone();
        all.insert("steps".into(), Value::Object(self.steps.clone()));
        Value::Object(all)
    }
}
